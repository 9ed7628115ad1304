namespace Pellicle.Cli.Commands;

/// <summary>All commands of this version, in the order of the help.</summary>
internal static class CommandTree
{
    public static IReadOnlyList<CliCommand> All { get; } =
    [
        new DemoCommand(),
        new InitCommand(),
        new DoctorCommand(),
        new DataInspectCommand(),
        new DataPrepareCommand(),
        new DataSynthCommand(),
        new PlanCommand(),
        new TrainCommand(),
        new FindLrCommand(),
        new SweepCommand(),
        new EvalCommand(),
        new PredictCommand(),
        new AuditCommand(),
        new AttackMembershipCommand(),
        new AttackEncodingCommand(),
        new AttackAttributeCommand(),
        new AttackReconstructCommand(),
        new EncodeKeygenCommand(),
        new EncodeRunCommand(),
        new EncodeVerifyCommand(),
        new ChallengeMakeCommand(),
        new ChallengeSubmitCommand(),
        new ChallengeScoreCommand(),
        new ObfuscateTrainCommand(),
        new ObfuscateEvaluateCommand(),
        new ObfuscateApplyCommand(),
        new ObfuscateShowCommand(),
        new ModelInspectCommand(),
        new ModelImportCommand(),
        new ModelExportCommand(),
        new MpcPlanCommand(),
        new MpcPartyCommand(),
        new MpcPredictCommand(),
        new ReportCommand(),
        new BenchCommand(),
        new BenchMpcCommand(),
        new CompletionCommand(),
    ];
}
