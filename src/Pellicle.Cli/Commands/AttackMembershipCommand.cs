using Pellicle.Audit;

namespace Pellicle.Cli.Commands;

/// <summary><c>attack membership</c>: the membership attacks of <c>audit</c> by themselves; leaves audit.json alone and writes attack.json.</summary>
internal sealed class AttackMembershipCommand : AuditCommand
{
    public override string Name => "attack membership";

    public override string Summary => "who was in the training data: loss attack and LiRA on your own run";

    public override IReadOnlyList<string> Details =>
    [
        "The attacks of 'audit' with another usual choice: without --attack, loss and lira. The result has the",
        "same fields and goes to attack.json of the run folder. Shadow models are shared with 'audit'; they",
        "are private data.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle attack membership runs/last --shadow-models 32", "pellicle attack membership runs/last --attack lira,lira-offline --json"];

    protected override AuditRequest Usual(string runFolder, CommandContext context) =>
        base.Usual(runFolder, context) with { Attacks = ["loss", "lira"], IsAttackOnly = true };
}
