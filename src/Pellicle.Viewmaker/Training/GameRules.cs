using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Training;

/// <summary>One batch of a generator step.</summary>
/// <param name="Originals">[B, C, S, S]; with two views the second half repeats the first.</param>
/// <param name="Output">What the generator made of them.</param>
/// <param name="Rows">Row of each of the B pictures.</param>
/// <param name="Views">1, or 2: the same pictures under two noises, one half after the other.</param>
/// <param name="Critic">A network with fresh random weights, or null: its outputs are features that no generator has met before.</param>
internal sealed record GameBatch(Tensor Originals, GeneratorOutput Output, int[] Rows, int Views, Reader? Critic);

/// <summary>The parts of a training system that differ: what attackers and generator want.</summary>
internal abstract class GameRules
{
    private protected GameRules(ObfuscateSection settings, LabelledPictures teachers)
    {
        Settings = settings;
        Teachers = teachers;
    }

    /// <summary>Views of a picture in an attacker's batch.</summary>
    public virtual int AttackerViews => 1;

    /// <summary>Views of a picture in a generator's batch.</summary>
    public virtual int GeneratorViews => 1;

    /// <summary>Outputs of an attacker: classes of each attribute, or the width of an embedding.</summary>
    public virtual IReadOnlyList<int> AttackerOutputs => [.. Teachers.Columns.Skip(1).Select(column => column.Classes.Count)];

    /// <summary>True if the system wants random networks as critics.</summary>
    public virtual bool WantsCritic => false;

    /// <summary>True if attackers see moved and mirrored pictures.</summary>
    public virtual bool Augments => false;

    /// <summary>True if attackers are trained on originals before the game.</summary>
    public virtual bool StartsWarm => true;

    private protected ObfuscateSection Settings { get; }

    /// <summary>Pictures of the game; column 0 is the task, the rest are attributes.</summary>
    private protected LabelledPictures Teachers { get; }

    /// <summary>Makes the rules of a system.</summary>
    public static GameRules Of(ObfuscateSection settings, LabelledPictures teachers) => settings.System switch
    {
        ObfuscationSystem.Default => new DefaultRules(settings, teachers),
        ObfuscationSystem.Retina => new RetinaRules(settings, teachers),
        ObfuscationSystem.Xray => new XrayRules(settings, teachers),
        _ => new SimClrRules(settings, teachers),
    };

    /// <summary>What an attacker minimises.</summary>
    public abstract IPerImageLoss AttackerLoss(Reader attacker);

    /// <summary>What the generator minimises.</summary>
    /// <param name="batch">The batch, recorded.</param>
    /// <param name="task">The frozen network of the task.</param>
    /// <param name="attackers">All attackers.</param>
    /// <param name="utilityWeight">λ_u now.</param>
    /// <returns>One value.</returns>
    public abstract Tensor GeneratorLoss(GameBatch batch, Reader task, IReadOnlyList<Reader> attackers, double utilityWeight);

    /// <summary>The mean over attackers of a loss of their readings, under the labels of the batch.</summary>
    private protected Tensor OverAttackers(GameBatch batch, IReadOnlyList<Reader> attackers, Func<Reader, IPerImageLoss> lossOf)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor labels = AttributeLabels(batch.Rows);
        Tensor? sum = null;
        foreach (Reader attacker in attackers)
        {
            Tensor loss = lossOf(attacker).PerImage(attacker.Read(batch.Output.Result, ForwardContext.Evaluation()), labels).Mean();
            sum = sum is null ? loss : sum + loss;
        }

        return scope.Keep(sum! / attackers.Count);
    }

    private protected Tensor AttributeLabels(int[] rows) => OriginalReaders.Rest(Teachers).Labels(rows);

    private protected Tensor TaskLabels(int[] rows) => OriginalReaders.First(Teachers).Labels(rows);

    /// <summary>Class frequencies of a column among the pictures of the game; none is zero.</summary>
    private protected static double[] Frequencies(SubjectColumn column)
    {
        double[] counts = [.. column.Classes.Select((_, k) => 1.0 + column.Labels.Count(label => label == k))];
        return [.. counts.Select(count => count / counts.Sum())];
    }

    private protected static Tensor Alpha(SubjectColumn column) => Tensor.From<float>([.. Frequencies(column).Select(f => (float)(1 - f))], column.Classes.Count);
}
