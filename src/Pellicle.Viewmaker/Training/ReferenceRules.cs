using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Readers;

namespace Pellicle.Viewmaker.Training;

/// <summary>The system of dp-viewmaker for fundus photographs: attacker focal(attribute); generator −w·focal(attribute) + focal(disease). For comparison.</summary>
internal sealed class RetinaRules(ObfuscateSection settings, LabelledPictures teachers) : GameRules(settings, teachers)
{
    private const double Gamma = 2;

    public override bool StartsWarm => false;

    public override IPerImageLoss AttackerLoss(Reader attacker)
    {
        int next = 0;
        return new ColumnLoss(attacker, (logits, labels) => Objectives.Focal(logits, labels, Alpha(Teachers.Columns[1 + (next++ % (Teachers.Columns.Count - 1))]), Gamma));
    }

    public override Tensor GeneratorLoss(GameBatch batch, Reader task, IReadOnlyList<Reader> attackers, double utilityWeight)
    {
        Tensor disease = Objectives.Focal(task.Read(batch.Output.Result, ForwardContext.Evaluation()), TaskLabels(batch.Rows).Squeeze(1), Alpha(Teachers.Columns[0]), Gamma).Mean();
        return disease - (OverAttackers(batch, attackers, AttackerLoss) * Settings.LambdaPrivacy);
    }
}

/// <summary>The system of dp-viewmaker for chest X-rays: attacker cross-entropy; generator −w·cross-entropy, <b>without any term for the disease</b>. For comparison.</summary>
internal sealed class XrayRules(ObfuscateSection settings, LabelledPictures teachers) : GameRules(settings, teachers)
{
    public override bool StartsWarm => false;

    public override IPerImageLoss AttackerLoss(Reader attacker) => new ColumnLoss(attacker, Objectives.CrossEntropy);

    public override Tensor GeneratorLoss(GameBatch batch, Reader task, IReadOnlyList<Reader> attackers, double utilityWeight) =>
        OverAttackers(batch, attackers, AttackerLoss) * -Settings.LambdaPrivacy;
}

/// <summary>Viewmaker's own game (Tamkin et al. 2021): an encoder learns by SimCLR from two views, the generator makes views that it finds hard. No attribute takes part.</summary>
internal sealed class SimClrRules(ObfuscateSection settings, LabelledPictures teachers) : GameRules(settings, teachers)
{
    public override int AttackerViews => 2;

    public override int GeneratorViews => 2;

    public override IReadOnlyList<int> AttackerOutputs => [64];

    public override bool StartsWarm => false;

    public override IPerImageLoss AttackerLoss(Reader attacker) => new PairLoss(isParity: true);

    public override Tensor GeneratorLoss(GameBatch batch, Reader task, IReadOnlyList<Reader> attackers, double utilityWeight) =>
        OverAttackers(batch, attackers, AttackerLoss) * -Settings.LambdaPrivacy;
}
