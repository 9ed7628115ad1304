using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;

namespace Pellicle.Reporting.Sections;

/// <summary>Configuration, seeds, versions, ledger hash: what is needed to repeat the run.</summary>
internal static class ProvenanceSection
{
    public static void Add(HtmlText page, RunContent run)
    {
        page.Element("h2", "Configuration and provenance");
        page.Open("dl", "facts");
        Fact(page, "Run", run.Name);
        Fact(page, "Status", run.Run?.Any("status"));
        Fact(page, "Pellicle", run.Run?.Any("pellicleVersion"));
        Fact(page, "libtorch", run.Run?.Any("libtorchVersion"));
        Fact(page, "Kernels, threads", $"{run.Run?.Any("kernels") ?? Numbers.None}, {run.Run?.Any("threads") ?? Numbers.None}");
        Fact(page, "Started, ended (UTC)", $"{run.Run?.Any("startedAt") ?? Numbers.None}, {run.Run?.Any("endedAt") ?? Numbers.None}" + (run.Run?.Number("resumed") is > 0 and var times ? $", resumed {times:0} times" : string.Empty));
        Fact(page, "Seed (not of noise)", run.Run?.Any("seed"));
        Fact(page, "Data", Wording.Source(run));
        Fact(page, "Data fingerprint", run.Run?.Any("dataFingerprint"));
        Fact(page, "Accountant", run.Privacy?.Any("accountantVersion"));
        page.Element("dt", "Ledger").Element("dd", run.Ledger is { IsValid: false } ? "bad" : null, d => d.Text(run.Ledger switch
        {
            null => "none: the run claims no privacy",
            { IsValid: true } ledger => $"verified, {Numbers.Count(ledger.Steps)} steps recorded, hash {ledger.Hash}",
            var broken => $"NOT VERIFIED. {broken.Problem}",
        }));
        JsonFields? result = run.Run?.Object("result");
        if (result is not null)
        {
            Fact(page, "Parameters", $"{Numbers.Count(result.Object("model")?.Number("parameters"))}, of which trained {Numbers.Count(result.Object("model")?.Number("trainableParameters"))}");
            Fact(page, "Speed", $"{Numbers.General(result.Number("imagesPerSecond"))} images/s, {Numbers.General(result.Number("secondsPerStep"))} s per step, peak memory {Mebibytes(result.Number("peakMemoryBytes"))}");
        }

        page.Close("dl");
        AddLayerPlan(page, result);
        page.Element("h3", "Effective settings (config.yaml)");
        if (run.Config is { } config)
        {
            page.Element("pre", config);
        }
        else
        {
            page.Element("p", "config.yaml is missing.");
        }
    }

    private static void AddLayerPlan(HtmlText page, JsonFields? result)
    {
        IReadOnlyList<JsonFields> layers = result?.Objects("layerPlan") ?? [];
        if (layers.Count is 0 or > 200)
        {
            return;
        }

        page.Element("h3", "How gradients were clipped, layer by layer");
        page.Table(
            "Norms of single units by Gram matrices, by per-sample gradients, or directly; chosen by shapes only.",
            ["layer", "kind", "method", "tokens", "in", "out", "parameters"],
            layers.Select(l => (IReadOnlyList<string>)
            [
                l.Text("layer") ?? Numbers.None, l.Text("kind") ?? Numbers.None, l.Text("method") ?? Numbers.None, Numbers.Count(l.Number("tokens")),
                Numbers.Count(l.Number("inputWidth")), Numbers.Count(l.Number("outputWidth")), Numbers.Count(l.Number("parameters")),
            ]));
    }

    private static string Mebibytes(double? bytes) => bytes is { } b ? Numbers.Count(b / (1 << 20)) + " MiB" : Numbers.None;

    private static void Fact(HtmlText page, string name, string? value) => page.Element("dt", name).Element("dd", string.IsNullOrEmpty(value) ? Numbers.None : value);
}
