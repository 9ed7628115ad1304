using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>The per-layer plan: which method each layer would use.</summary>
internal static class ClippingPlan
{
    public static IReadOnlyList<LayerPlanRow> Of(Layer model, ReadOnlySpan<long> imageShape, int units, int imagesPerUnit, ClippingExecution execution)
    {
        using TensorScope scope = TensorScope.Open();
        using var tape = new GradientTape();
        using (GradientMode.Recording())
        {
            model.Forward(Tensor.Zeros([1, .. imageShape]), ForwardContext.Training(tape, new Core.Random.SeededRandom(0)));
        }

        HashSet<Layer> unused = [.. tape.Unused(model)];
        var records = tape.Records.ToDictionary(record => record.Layer);
        return [.. model.Tree().Where(layer => layer.OwnParameters.Count > 0).Select(layer => Row(layer, records.GetValueOrDefault(layer), unused.Contains(layer), units, imagesPerUnit, execution))];
    }

    private static LayerPlanRow Row(Layer layer, TapeRecord? record, bool isUnused, int units, int imagesPerUnit, ClippingExecution execution)
    {
        long parameters = layer.OwnParameters.Where(parameter => !parameter.IsStatistic).Sum(parameter => parameter.Count);
        long trainable = layer.OwnParameters.Where(parameter => parameter.IsTrainable).Sum(parameter => parameter.Count);
        if (record is null)
        {
            return new LayerPlanRow(layer.DisplayName, layer.Kind, isUnused ? ClippingMethod.Direct : ClippingMethod.Frozen, 0, 0, 0, parameters, trainable, isUnused);
        }

        RecordShape shape = record.Shape;
        ClippingMethod method = record.HasWeight ? MethodChoice.For(shape, units, imagesPerUnit, execution) : ClippingMethod.Direct;
        return new LayerPlanRow(layer.DisplayName, layer.Kind, method, shape.Tokens, shape.InputWidth, shape.OutputWidth, parameters, trainable);
    }
}
