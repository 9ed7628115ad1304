using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;

namespace Pellicle.Viewmaker.Training;

/// <summary>Attackers read; the generator wants them to learn nothing (confusion), the task to stay readable (loss and distillation), small changes, and changes that vary.</summary>
internal sealed class DefaultRules(ObfuscateSection settings, LabelledPictures teachers) : GameRules(settings, teachers)
{
    private const double DistillationTemperature = 2;
    private const double FlowSmoothness = 1;

    public override int GeneratorViews => Settings.LambdaDiversity > 0 ? 2 : 1;

    public override bool WantsCritic => Settings.LambdaMatching > 0;

    public override bool Augments => true;

    public override IPerImageLoss AttackerLoss(Reader attacker) => new ColumnLoss(attacker, Objectives.CrossEntropy);

    public override Tensor GeneratorLoss(GameBatch batch, Reader task, IReadOnlyList<Reader> attackers, double utilityWeight)
    {
        Tensor loss = OverAttackers(batch, attackers, Confusion) * (Settings.LambdaPrivacy * Teachers.Columns.Skip(1).Count());
        loss += Utility(batch, task) * utilityWeight;
        loss += Fidelity(batch) * Settings.LambdaFidelity;
        if (batch.Critic is { } critic)
        {
            loss += MeanMatching.Of(critic.Read(batch.Output.Result, ForwardContext.Evaluation()), [.. Teachers.Columns.Skip(1).Select(column => Array.ConvertAll(batch.Rows, row => column.Labels[row]))]) * Settings.LambdaMatching;
        }

        if (batch.Views == 2)
        {
            long half = batch.Originals.Size(0) / 2;
            Tensor difference = (batch.Output.Delta.Narrow(0, 0, half) - batch.Output.Delta.Narrow(0, half, half)).Abs().Mean([1, 2, 3]);
            loss -= difference.Clamp(maximum: Settings.DiversityCap).Mean() * Settings.LambdaDiversity;
        }

        return batch.Output.Field is { } field ? loss + (FlowField.Roughness(field) * FlowSmoothness) : loss;
    }

    private ColumnLoss Confusion(Reader attacker)
    {
        int next = 0; // columns are asked for in order
        double[][] priors = [.. Teachers.Columns.Skip(1).Select(Frequencies)];
        return new ColumnLoss(attacker, (logits, _) => Objectives.Confusion(logits, priors[next++ % priors.Length]));
    }

    private Tensor Utility(GameBatch batch, Reader task)
    {
        Tensor teacher;
        using (GradientMode.Off())
        {
            teacher = task.Read(batch.Originals, ForwardContext.Evaluation());
        }

        Tensor student = task.Read(batch.Output.Result, ForwardContext.Evaluation());
        Tensor labels = TaskLabels(batch.Rows).Squeeze(1);
        return Objectives.CrossEntropy(student, labels).Mean() + Objectives.Distillation(student, teacher, DistillationTemperature).Mean();
    }

    private static Tensor Fidelity(GameBatch batch) =>
        (StructuralSimilarity.Of(batch.Originals, batch.Output.Result).Mean() * -1) + 1 + batch.Output.Delta.Abs().Mean();
}
