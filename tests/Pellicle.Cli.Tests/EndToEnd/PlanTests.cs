using System.Text.Json;

namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>The table of walk A in the product specification: the rdp accountant reproduces it to 0.01 in epsilon.</summary>
public sealed class PlanTests
{
    private const string ComparableOrders = "1.1..10.9:0.1,12..63";

    [Theory]
    [InlineData(232, 8, 0.805)]
    [InlineData(463, 8, 0.926)]
    [InlineData(694, 8, 1.024)]
    [InlineData(232, 3, 1.304)]
    [InlineData(463, 3, 1.630)]
    [InlineData(694, 3, 1.903)]
    [InlineData(232, 1, 2.877)]
    [InlineData(463, 1, 3.918)]
    [InlineData(694, 1, 4.736)]
    public void Noise_for_a_budget_on_5918_images(int steps, double epsilon, double noise)
    {
        JsonElement found = Plan("--n", "5918", "--batch", "256", "--steps", $"{steps}", "--target-epsilon", $"{epsilon}");
        JsonElement back = Plan("--n", "5918", "--batch", "256", "--steps", $"{steps}", "--noise-multiplier", $"{noise}");
        Assert.Equal("noiseMultiplier", found.GetProperty("solvedFor").GetString());
        Assert.Equal("epsilon", back.GetProperty("solvedFor").GetString());
        // The table's noise has three digits; its epsilon must be the asked-for one to 0.01.
        Assert.Equal(epsilon, back.GetProperty("epsilon").GetDouble(), 0.01 + (0.02 * epsilon * 0.0005 / noise));
        // The search ends up to 0.001 below the asked-for epsilon, which is about 0.1 % of the noise at epsilon 1.
        Assert.Equal(noise, found.GetProperty("noiseMultiplier").GetDouble(), 0.0005 + (0.001 * noise));
        Assert.InRange(found.GetProperty("epsilon").GetDouble(), epsilon - 0.001, epsilon);
    }

    [Theory]
    [InlineData(0.8, 12.29)]
    [InlineData(1.0, 7.58)]
    [InlineData(1.1, 6.32)]
    [InlineData(1.5, 3.80)]
    [InlineData(0.973, 8)]
    [InlineData(1.770, 3)]
    public void Epsilon_of_a_noise_on_7007_images(double noise, double epsilon) =>
        Assert.Equal(epsilon, Plan("--n", "7007", "--batch", "256", "--epochs", "30", "--noise-multiplier", $"{noise}").GetProperty("epsilon").GetDouble(), 0.015);

    [Fact]
    public void Steps_are_rounded_up() =>
        Assert.Equal(822, Plan("--n", "7007", "--batch", "256", "--epochs", "30", "--noise-multiplier", "1").GetProperty("steps").GetInt32());

    [Fact]
    public void A_coarse_list_of_orders_is_noticed()
    {
        JsonElement coarse = Plan(["--n", "10000", "--batch", "100", "--steps", "300", "--noise-multiplier", "1"], "2,5,10,20,100");
        JsonElement fine = Plan("--n", "10000", "--batch", "100", "--steps", "300", "--noise-multiplier", "1");
        Assert.Equal(2.39, coarse.GetProperty("epsilon").GetDouble(), 0.01);
        Assert.Equal(1.451, fine.GetProperty("epsilon").GetDouble(), 0.01);
        Assert.Equal(8.5, fine.GetProperty("bestOrder").GetDouble(), 0.001);
    }

    [Fact]
    public void The_mnist_tutorial_costs_0_4519_at_order_22()
    {
        JsonElement plan = Plan(["--n", "60000", "--batch", "64", "--steps", "9380", "--noise-multiplier", "1.3"], "2..31");
        Assert.Equal(0.4519, plan.GetProperty("epsilon").GetDouble(), 0.00005);
        Assert.Equal(22, plan.GetProperty("bestOrder").GetDouble());
    }

    [Fact]
    public void Every_field_of_the_specification_is_there()
    {
        JsonElement plan = Plan("--n", "1000", "--batch", "100", "--epochs", "1", "--target-epsilon", "3", "--table");
        string[] fields =
        [
            "privacy", "solvedFor", "n", "expectedBatchSize", "sampleRate", "epochs", "steps", "delta", "noiseMultiplier", "epsilon", "epsilonLower", "bestOrder", "orderAtEdge",
            "spentEpsilon", "alternatives", "table", "notes",
        ];
        Assert.All(fields, field => Assert.True(plan.TryGetProperty(field, out _), field));
        Assert.NotEmpty(plan.GetProperty("table").EnumerateArray());
        string[] privacy =
        [
            "private", "mechanism", "epsilon", "epsilonLower", "delta", "accountant", "accountantVersion", "neighbouringRelation", "unit", "n", "nIsPublic", "maxImagesPerUnit", "sampling", "sampleRate",
            "expectedBatchSize", "steps", "noiseMultiplier", "phases", "maxGradNorm", "clipping", "noiseSource", "averagingDivisor", "augmentMultiplicity", "mu", "curve", "byAccountant", "pretraining",
            "coversTuning", "notCovered", "release", "ledgerHash", "statement",
        ];
        Assert.All(privacy, field => Assert.True(plan.GetProperty("privacy").TryGetProperty(field, out _), field));
    }

    [Theory]
    [InlineData("--n 100 --target-epsilon 3", "only --target-epsilon is given")]
    [InlineData("--n 100", "neither noise nor budget nor steps")]
    [InlineData("--n 100 --target-epsilon 3 --epochs 2 --noise-multiplier 1", "are all given")]
    [InlineData("--target-epsilon 3 --epochs 2", "the number of units is missing")]
    [InlineData("--n 100 --epochs 2 --noise-multiplier 0", "which gives no privacy")]
    [InlineData("--n 100 --epochs 2 --noise-multiplier 1 --orders 2,3", "only the rdp accountant has orders")]
    [InlineData("--n 100 --batch 200 --epochs 2 --noise-multiplier 1", "batch")]
    [InlineData("--n 1000 --batch 200 --epochs 2 --noise-multiplier 1 --sampling full", "full batches take all units")]
    [InlineData("--n 1000 --batch 200 --epochs 2 --noise-multiplier 1 --sampling fixed-size", "cannot analyse")]
    [InlineData("--n 1000 --batch 200 --epochs 2 --noise-multiplier 1 --noise-schedule linear", "noise-schedule")]
    public void Wrong_requests_end_with_exit_code_2(string line, string words)
    {
        CliRun run = CliRun.Of(["plan", .. line.Split(' ')]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains(words, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--sampling full --steps 10 --noise-multiplier 20", "fullBatch", "addOrRemoveOne", 1000, 10)]
    [InlineData("--sampling fixed-size --batch 100 --steps 10 --noise-multiplier 4", "fixedSize", "replaceOne", 100, 10)]
    [InlineData("--sampling shuffled --batch 300 --epochs 3 --noise-multiplier 4", "shuffled", "zeroOutOne", 300, 12)]
    public void Each_way_of_sampling_is_planned_under_its_own_relation(string line, string sampling, string relation, int batch, int steps)
    {
        JsonElement plan = Plan(["--n", "1000", .. line.Split(' ')]);
        Assert.Equal((sampling, relation), (plan.GetProperty("privacy").GetProperty("sampling").GetString(), plan.GetProperty("privacy").GetProperty("neighbouringRelation").GetString()));
        Assert.Equal((batch, steps), (plan.GetProperty("expectedBatchSize").GetInt32(), plan.GetProperty("steps").GetInt32()));
    }

    [Fact]
    public void A_noise_schedule_is_in_the_search_and_in_the_phases()
    {
        JsonElement plan = Plan("--n", "1000", "--batch", "100", "--epochs", "3", "--target-epsilon", "3", "--noise-schedule", "exponential:0.8");
        Assert.Equal(3, plan.GetProperty("privacy").GetProperty("phases").GetArrayLength());
        Assert.InRange(plan.GetProperty("epsilon").GetDouble(), 2.99, 3);
        Assert.Contains("exponential:0.8", plan.GetProperty("privacy").GetProperty("statement").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Patients_are_answered_for_in_images_of_a_batch_and_as_a_whole()
    {
        string[] common = ["--n", "1000", "--batch", "100", "--epochs", "1", "--noise-multiplier", "6"];
        Assert.Contains(Notes(Plan([.. common, "--unit", "patient", "--max-images-per-unit", "3"])), note => note.Contains("up to 300 images", StringComparison.Ordinal));
        Assert.Contains(Notes(Plan([.. common, "--images-per-patient", "3"])), note => note.Contains("group privacy", StringComparison.Ordinal));
    }

    [Fact]
    public void A_budget_that_not_even_one_step_fits_is_refused_for_privacy()
    {
        CliRun run = CliRun.Of("plan", "--n", "100", "--batch", "50", "--noise-multiplier", "0.3", "--target-epsilon", "0.01", "--json");
        Assert.Equal(4, run.ExitCode);
        Assert.Equal("privacyRefused", run.Json().GetProperty("error").GetProperty("kind").GetString());
    }

    [Fact]
    public void Settings_come_from_file_variable_and_option_in_that_order()
    {
        string file = Path.Combine(Path.GetTempPath(), $"pellicle-plan-{Guid.NewGuid():N}.yaml");
        File.WriteAllText(file, "privacy: { delta: 1e-3, targetEpsilon: 2 }\ntrain: { batch: 50, epochs: 3 }\n");
        try
        {
            JsonElement plan = CliRun.With(new() { ["PELLICLE_PRIVACY__DELTA"] = "1e-4", ["PELLICLE_TRAIN__BATCH"] = "20" }, "plan", "--n", "1000", "--config", file, "--batch", "10", "--json").Json().GetProperty("result");
            Assert.Equal(1e-4, plan.GetProperty("delta").GetDouble());
            Assert.Equal(10, plan.GetProperty("expectedBatchSize").GetInt32());
            Assert.Equal(300, plan.GetProperty("steps").GetInt32());
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static IEnumerable<string> Notes(JsonElement plan) => plan.GetProperty("notes").EnumerateArray().Select(note => note.GetString()!);

    private static JsonElement Plan(params string[] args) => Plan(args, ComparableOrders);

    private static JsonElement Plan(string[] args, string orders)
    {
        CliRun run = CliRun.Of(["plan", .. args, "--delta", "1e-5", "--accountant", "rdp", "--orders", orders, "--json"]);
        Assert.Equal("", run.Error);
        return run.Json().GetProperty("result");
    }
}
