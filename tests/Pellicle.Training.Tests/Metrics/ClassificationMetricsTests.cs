using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Json;
using Pellicle.Training.Metrics;

namespace Pellicle.Training.Tests.Metrics;

public sealed class ClassificationMetricsTests
{
    private static readonly MetricsOptions Plain = new() { BootstrapReplicates = 0 };

    // Expected figures: an independent NumPy program by the definitions (all pairs for the areas, all thresholds for the average precision).
    [Fact]
    public void Binary_figures_agree_with_an_independent_program_ties_included()
    {
        int[] labels = [0, 0, 1, 1, 0, 1, 0, 1, 1, 0, 0, 1];
        float[] one = [.1f, .4f, .35f, .8f, .4f, .4f, .2f, .9f, .6f, .7f, .05f, .35f];
        ClassificationMetrics m = ClassificationMetrics.Compute(Binary(labels, one), Plain);

        Assert.Equal(12, m.N);
        Near(0.5383904983973243, m.Loss);
        Near(2.0 / 3, m.Accuracy);
        Near(2.0 / 3, m.BalancedAccuracy);
        Near(0.6571428571428571, m.MacroF1);
        Near(0.75, m.Auc);
        Assert.All(m.AucPerClass, area => Near(0.75, area));
        Near(0.7757936507936507, m.Auprc);
        Near(1.0 / 3, m.Kappa);
        Near(0.18979166530693584, m.Brier);
        Near(0.17083333929379782, m.Ece);
        Assert.Equal([5, 1], m.Confusion[0]);
        Assert.Equal([3, 3], m.Confusion[1]);
    }

    [Fact]
    public void Three_class_figures_agree_with_an_independent_program()
    {
        int[] labels = [0, 1, 2, 2, 1, 0, 2, 1, 0, 2];
        float[] p = [.6f, .3f, .1f, .2f, .5f, .3f, .1f, .2f, .7f, .5f, .3f, .2f, .3f, .4f, .3f, .4f, .4f, .2f, .2f, .2f, .6f, .1f, .3f, .6f, .7f, .2f, .1f, .3f, .3f, .4f];
        ClassificationMetrics m = ClassificationMetrics.Compute(new LabelledPredictions(labels, p, 3), Plain);

        Near(0.7990431083597758, m.Loss);
        Near(0.8, m.Accuracy);
        Near(0.8055555555555555, m.BalancedAccuracy);
        Near(0.8023809523809523, m.MacroF1);
        Near(0.9523809523809523, m.AucPerClass[0]);
        Near(0.8571428571428571, m.AucPerClass[1]);
        Near(0.7916666666666666, m.AucPerClass[2]);
        Near(0.867063492063492, m.Auc);
        Near(0.7814153439153438, m.Auprc);
        Near(0.6969696969696971, m.Kappa);
        Near(0.4640000025033954, m.Brier);
        Near(0.25999999344348906, m.Ece);
    }

    [Fact]
    public void Without_images_every_figure_is_null_and_the_document_has_no_NaN()
    {
        ClassificationMetrics m = ClassificationMetrics.Compute(new LabelledPredictions([], [], 3), new MetricsOptions());

        Assert.Equal(0, m.N);
        Assert.All(new[] { m.Loss, m.Accuracy, m.BalancedAccuracy, m.MacroF1, m.Auc, m.Auprc, m.Kappa, m.Brier, m.Ece }, value => Assert.Null(value));
        Assert.All(m.AucPerClass, area => Assert.Null(area));
        Assert.Null(m.Intervals.Accuracy);
        using var document = JsonDocument.Parse(JsonSerializer.Serialize(m, PellicleJson.Line));
        Assert.Equal(JsonValueKind.Null, document.RootElement.GetProperty("auc").ValueKind);
    }

    [Fact]
    public void With_one_class_only_the_area_and_kappa_are_null_and_the_accuracy_is_not()
    {
        ClassificationMetrics m = ClassificationMetrics.Compute(Binary([1, 1, 1], [.9f, .8f, .7f]), new MetricsOptions());

        Assert.Equal(1, m.Accuracy);
        Assert.Null(m.Auc);
        Assert.Null(m.Kappa);
        Assert.Null(m.Intervals.Auc);
        Assert.NotNull(m.Intervals.Accuracy);
    }

    [Fact]
    public void A_perfect_score_does_not_claim_certainty()
    {
        int[] labels = [.. Enumerable.Range(0, 20).Select(i => i % 2)];
        ClassificationMetrics m = ClassificationMetrics.Compute(Binary(labels, [.. labels.Select(y => y == 1 ? .9f : .1f)]), new MetricsOptions());

        Assert.Equal(1, m.Auc);
        // Clopper-Pearson for 20 of 20: 0.025^(1/20) = 0.8316.
        Assert.Equal(0.8316, m.Intervals.Accuracy!.Value.Low, 4);
        Assert.Equal(1, m.Intervals.Accuracy!.Value.High);
        Assert.InRange(m.Intervals.Auc!.Value.Low, 0.7, 0.95);
    }

    [Fact]
    public void A_class_that_does_not_occur_is_left_out_of_the_averages()
    {
        float[] p = [.7f, .2f, .1f, .2f, .7f, .1f, .6f, .3f, .1f, .3f, .6f, .1f];
        ClassificationMetrics m = ClassificationMetrics.Compute(new LabelledPredictions([0, 1, 0, 1], p, 3), Plain);

        Assert.Null(m.AucPerClass[2]);
        Assert.Equal(1, m.Auc);
        Assert.Equal(1, m.BalancedAccuracy);
    }

    [Fact]
    public void The_threshold_moves_the_decision_and_not_the_area()
    {
        LabelledPredictions predictions = Binary([0, 0, 1, 1], [.1f, .3f, .35f, .8f]);
        ClassificationMetrics strict = ClassificationMetrics.Compute(predictions, Plain);
        ClassificationMetrics lax = ClassificationMetrics.Compute(predictions, Plain with { Threshold = 0.32 });

        Assert.Equal(0.75, strict.Accuracy);
        Assert.Equal(1, lax.Accuracy);
        Assert.Equal(strict.Auc, lax.Auc);
    }

    [Fact]
    public void A_probability_that_underflowed_to_zero_gives_a_finite_loss()
    {
        ClassificationMetrics m = ClassificationMetrics.Compute(Binary([1], [0f]), Plain);

        Assert.InRange(m.Loss!.Value, 100, 110);
    }

    [Fact]
    public void NaN_probabilities_are_refused_with_the_image_named()
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => Binary([0, 1], [.5f, float.NaN]));

        Assert.Contains("image 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_seeds_give_equal_intervals_and_other_seeds_others()
    {
        LabelledPredictions predictions = Random(300, seed: 3);
        MetricIntervals a = ClassificationMetrics.Compute(predictions, new MetricsOptions { Seed = 1 }).Intervals;
        MetricIntervals b = ClassificationMetrics.Compute(predictions, new MetricsOptions { Seed = 1 }).Intervals;
        MetricIntervals c = ClassificationMetrics.Compute(predictions, new MetricsOptions { Seed = 2 }).Intervals;

        Assert.Equal(a, b);
        Assert.NotEqual(a.Auc, c.Auc);
    }

    [Fact]
    public void Intervals_resample_patients_so_repeated_images_do_not_narrow_them()
    {
        LabelledPredictions once = Random(100, seed: 5);
        int[] tenfold = [.. Enumerable.Range(0, 1000).Select(i => i % 100)];
        LabelledPredictions repeated = once.Subset(tenfold);
        var withPatients = new LabelledPredictions(repeated.Labels, repeated.Probabilities, 2, patients: [.. tenfold.Select(i => $"p{i}")]);
        var options = new MetricsOptions();

        double Width(LabelledPredictions p) => ClassificationMetrics.Compute(p, options).Intervals.Accuracy is { } i ? i.High - i.Low : throw new InvalidOperationException();
        Assert.InRange(Width(withPatients) / Width(once), 0.8, 1.25);
        Assert.True(Width(repeated) < 0.5 * Width(once));
        Assert.Equal("patient", BootstrapSummary.Of(withPatients, options).ResampledUnit);
        Assert.Equal("image", BootstrapSummary.Of(once, options).ResampledUnit);
    }

    [Fact]
    public void An_interval_is_an_array_in_JSON_and_comes_back()
    {
        ClassificationMetrics m = ClassificationMetrics.Compute(Random(50, seed: 8), new MetricsOptions { BootstrapReplicates = 100 });
        string json = JsonSerializer.Serialize(m, PellicleJson.Line);
        ClassificationMetrics back = JsonSerializer.Deserialize<ClassificationMetrics>(json, PellicleJson.Line)!;

        Assert.Matches("\"accuracy\":\\[[0-9.]+,[0-9.]+\\]", json);
        Assert.Equal(m.Intervals, back.Intervals);
        Assert.Equal(json, JsonSerializer.Serialize(back, PellicleJson.Line));
    }

    [Fact]
    public void Metrics_have_exactly_the_documented_fields()
    {
        string json = JsonSerializer.Serialize(ClassificationMetrics.Compute(Random(10, seed: 1), Plain), PellicleJson.Line);
        using var document = JsonDocument.Parse(json);

        Assert.Equal(
            ["accuracy", "auc", "aucPerClass", "auprc", "balancedAccuracy", "brier", "confusion", "ece", "intervals", "kappa", "loss", "macroF1", "n"],
            document.RootElement.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    private static void Near(double expected, double? actual) => Assert.Equal(expected, actual!.Value, 7);

    private static LabelledPredictions Binary(int[] labels, float[] one) => new(labels, [.. one.SelectMany(p => new[] { 1 - p, p })], 2);

    private static LabelledPredictions Random(int n, ulong seed)
    {
        var random = new SeededRandom(seed);
        int[] labels = [.. Enumerable.Range(0, n).Select(_ => random.NextInt(2))];
        float[] one = [.. labels.Select(y => (float)Math.Clamp(0.35 + 0.3 * y + 0.25 * random.NextGaussian(), 0, 1))];
        return Binary(labels, one);
    }
}
