using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Privacy.Ledger;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Steps;

/// <summary>The earlier runs that a private run goes on from: those named by <c>--spent</c>, and the one behind its initial weights.</summary>
/// <param name="Spent">Their budget.</param>
/// <param name="Pretraining">Origin of the initial weights; null for random ones.</param>
internal sealed record EarlierRuns(SpentBudget Spent, Pretraining? Pretraining)
{
    /// <summary>Finds them for a new run.</summary>
    /// <param name="config">Settings of a private run.</param>
    /// <param name="dataset">Its data.</param>
    /// <exception cref="PrivacyRefusedException">The weights were trained on the same data without privacy, or a budget cannot be added to this run's.</exception>
    public static EarlierRuns Of(TrainConfig config, ImageDataset dataset)
    {
        List<string> ledgers = [.. config.Privacy.Spent.Select(run => RunFolder.Open(run).LedgerFile)];
        Pretraining? pretraining = null;
        if (InitialWeights.Of(config) is { } weights)
        {
            pretraining = Origin(weights, dataset, config.Model.WeightsArePublic);
            if (pretraining.IsIncluded)
            {
                ledgers.Add(weights.Run!.LedgerFile);
            }
        }


        if (config.Model.PublicData is { } statistics)
        {
            string source = $"statistics of {statistics}";
            pretraining = pretraining is null ? new Pretraining(source, IsPublic: true) : pretraining with { Source = $"{pretraining.Source}; {source}" };
        }

        PrivacyUnit unit = config.Privacy.Unit == UnitChoice.Patient ? PrivacyUnit.Patient : PrivacyUnit.Image;
        return new EarlierRuns(SpentBudget.Of(ledgers, unit, config.Privacy.InsecureSeed is not null), pretraining);
    }

    /// <summary>Takes them from the ledger of a run that is taken up again: the earlier runs themselves may be gone or have gone on.</summary>
    /// <param name="resumed">Its folder.</param>
    public static EarlierRuns Of(RunFolder resumed)
    {
        LedgerContent ledger = LedgerContent.Read(resumed.LedgerFile);
        return new EarlierRuns(ledger.Spent, ledger.Pretraining);
    }

    private static Pretraining Origin(InitialWeights weights, ImageDataset dataset, bool arePublic)
    {
        if (weights.Run is not { } run)
        {
            return new Pretraining(Path.GetFileName(weights.File), arePublic);
        }

        RunRecord record = RunFolder.ReadJson<RunRecord>(run.RunFile);
        string name = Path.GetFileName(Path.GetFullPath(run.Root));
        bool isSameData = record.DataFingerprint == dataset.Fingerprint || record.DataSource == dataset.Source;
        if (isSameData && !File.Exists(run.LedgerFile))
        {
            throw new PrivacyRefusedException(
                $"the initial weights come from the run '{run.Root}', which has no privacy ledger and was trained on the same data: whatever it learned, this run would pass on.",
                "Start from public weights or from a private run, or train with --non-private.");
        }

        if (isSameData && arePublic)
        {
            throw new PrivacyRefusedException(
                $"--weights-are-public is given, but the run '{run.Root}' was trained on the same data as this one, which is private.",
                "Leave it out: the budget of that run is then added to this one's.");
        }

        return new Pretraining(name, arePublic, IsIncluded: isSameData);
    }
}
