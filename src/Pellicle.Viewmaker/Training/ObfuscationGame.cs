using Pellicle.Core.Random;
using Pellicle.Native;
using Pellicle.Nn;
using Pellicle.Nn.Optimizers;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;

namespace Pellicle.Viewmaker.Training;

/// <summary>Generator against attackers: in each round some attacker steps without derivatives of the generator, then one generator step without derivatives of attackers' or task's weights.</summary>
/// <remarks>Everything random in a round is a function of (seed, round), so a resumed game repeats it.</remarks>
internal sealed class ObfuscationGame : IDisposable
{
    private const int BriefEpochs = 3;
    private const string CriticArchitecture = "cnn_plain";
    private const int CriticFeatures = 64;
    private readonly ObfuscateSection _settings;
    private readonly LabelledPictures _teachers;
    private readonly GameRules _rules;
    private readonly Reader _task;
    private readonly ISeededRandom _random;
    private readonly List<TrainingAttacker> _attackers = [];
    private readonly Optimizer _optimizer = Optimizer.Create(new OptimizerOptions { Kind = OptimizerKind.Adam });

    /// <summary>Sets the board.</summary>
    /// <param name="settings">Section <c>obfuscate</c>.</param>
    /// <param name="generator">Trained here; stays the caller's.</param>
    /// <param name="task">Frozen; stays the caller's.</param>
    /// <param name="teachers">Pictures of part G; column 0 is the task, the rest are attributes.</param>
    /// <param name="random">Root of everything random.</param>
    public ObfuscationGame(ObfuscateSection settings, Generator generator, Reader task, LabelledPictures teachers, ISeededRandom random)
    {
        _settings = settings;
        Generator = generator;
        _task = task;
        _teachers = teachers;
        _random = random;
        _rules = GameRules.Of(settings, teachers);
        UtilityWeight = settings.LambdaUtility;
        Average = new ExponentialMovingAverage(settings.GeneratorEma);
        foreach (string name in settings.Ensemble)
        {
            _attackers.Add(Fresh(name, 0, (ulong)_attackers.Count));
        }
    }

    public Generator Generator { get; }

    /// <summary>Rounds played.</summary>
    public int Round { get; set; }

    /// <summary>λ_u: raised while too much utility is lost, lowered otherwise.</summary>
    public double UtilityWeight { get; set; }

    /// <summary>Moving average of the generator's weights, which is what is judged and kept: the last step alone answers the attackers of the last moment.</summary>
    public ExponentialMovingAverage Average { get; }

    public IReadOnlyList<TrainingAttacker> Attackers => _attackers;

    public Optimizer Optimizer => _optimizer;

    /// <summary>Teaches the first attackers on originals, if the system wants that.</summary>
    public void WarmUp(CancellationToken cancellation)
    {
        if (_rules.StartsWarm)
        {
            foreach (TrainingAttacker attacker in _attackers)
            {
                Teach(attacker, obfuscates: false, BriefEpochs, _random.Derive("warm", (ulong)_attackers.IndexOf(attacker)), cancellation);
            }
        }
    }

    /// <summary>Plays a round.</summary>
    /// <param name="cancellation">Checked between steps of a new attacker.</param>
    /// <returns>Mean loss of the attackers, loss of the generator, mean |δ| of its batch.</returns>
    public RoundFigures Play(CancellationToken cancellation)
    {
        Round++;
        ISeededRandom round = _random.Derive("round", (ulong)Round);
        if (_settings.ReplaceEvery > 0 && Round % _settings.ReplaceEvery == 0)
        {
            ReplaceOldest(round.Derive("replace"), cancellation);
        }

        double attackerLoss = 0;
        for (int k = 0; k < _settings.AttackersPerRound; k++)
        {
            attackerLoss += AttackerStep(round.Derive("attackers", (ulong)k)) / _settings.AttackersPerRound;
        }

        (double generatorLoss, double change) = GeneratorStep(round.Derive("generator"));
        return new RoundFigures(Round, attackerLoss, generatorLoss, change, UtilityWeight);
    }

    /// <summary>Does something with the averaged generator.</summary>
    /// <typeparam name="T">Result.</typeparam>
    /// <param name="action">Sees the averages as weights of <see cref="Generator"/>.</param>
    public T WithAverage<T>(Func<Generator, T> action)
    {
        IReadOnlyList<Parameter> parameters = Generator.Root.TrainableParameters();
        Average.Exchange(parameters);
        try
        {
            return action(Generator);
        }
        finally
        {
            Average.Exchange(parameters);
        }
    }

    /// <summary>Puts another attacker in a place: for resuming.</summary>
    public TrainingAttacker Seat(int place, string architecture, int bornRound)
    {
        TrainingAttacker attacker = Fresh(architecture, bornRound, (ulong)place);
        _attackers[place].Dispose();
        return _attackers[place] = attacker;
    }

    public void Dispose()
    {
        _attackers.ForEach(attacker => attacker.Dispose());
        _optimizer.Dispose();
        Average.Dispose();
    }

    private double AttackerStep(ISeededRandom random)
    {
        using TensorScope scope = TensorScope.Open();
        int[] rows = Draw(_settings.Batch / _rules.AttackerViews, _rules.AttackerViews, random);
        Tensor pictures = Obfuscated(rows, SeededNoise.Of(rows, random));
        Tensor labels = AttributeLabels(rows);
        if (_rules.Augments)
        {
            ReaderTraining.Augment(pictures, random);
        }

        TrimIfLarge(rows.Length);
        return _attackers.Average(attacker => attacker.Step.Take(pictures, labels, _settings.LearningRate * 2));
    }

    private Tensor Obfuscated(int[] rows, NoiseSource noise)
    {
        Tensor[] parts = [.. Parts(rows.Length, 1).Select(part => Generator.Obfuscate(_teachers.Pictures.Batch(Array.ConvertAll(part, i => rows[i])), (image, values) => noise(part[image], values)))];
        return parts.Length == 1 ? parts[0] : Tensor.Concatenate(0, parts);
    }

    // Freed blocks are kept for the next step by size, and the sizes of generator and readers differ: with large pictures the kept ones would be most of the memory.
    private void TrimIfLarge(int pictures)
    {
        if ((long)pictures * _teachers.Pictures.Side * _teachers.Pictures.Side > ReaderStep.PixelsOfAPart)
        {
            NativeRuntime.TrimMemory();
        }
    }

    private (double Loss, double Change) GeneratorStep(ISeededRandom random)
    {
        using TensorScope scope = TensorScope.Open();
        int views = _rules.GeneratorViews;
        int[] rows = Draw(_settings.Batch / views, views, random);
        NoiseSource noise = SeededNoise.Of(rows, random);
        using Reader? critic = _rules.WantsCritic ? new Reader(CriticArchitecture, _teachers.Pictures.Channels, _teachers.Pictures.Side, [CriticFeatures], random.Derive("critic")) : null;
        IReadOnlyList<Parameter> parameters = Generator.Root.TrainableParameters();
        foreach (Parameter parameter in parameters)
        {
            parameter.ZeroGradient();
        }

        double value = 0, change = 0;
        TrimIfLarge(rows.Length);
        foreach (int[] part in Parts(rows.Length, views))
        {
            double share = (double)part.Length / rows.Length;
            (double partLoss, double partChange) = AddGradients(parameters, Array.ConvertAll(part, i => rows[i]), (image, values) => noise(part[image], values), views, critic, share);
            value += partLoss * share;
            change += partChange * share;
            TrimIfLarge(rows.Length);
        }

        using GradientMode off = GradientMode.Off();
        _optimizer.Step(parameters, _settings.LearningRate);
        Average.Update(parameters);
        return (value, change);
    }

    // The graph holds every stage of the generator and of all readers, so large pictures go through it some at a time; both views of a picture stay together.
    private IEnumerable<int[]> Parts(int count, int views)
    {
        int half = count / views;
        int size = Math.Max(1, ReaderStep.PixelsOfAPart / (views * _teachers.Pictures.Side * _teachers.Pictures.Side));
        for (int start = 0; start < half; start += size)
        {
            int[] own = [.. Enumerable.Range(start, Math.Min(size, half - start))];
            yield return views == 1 ? own : [.. own, .. own.Select(i => i + half)];
        }
    }

    private (double Loss, double Change) AddGradients(IReadOnlyList<Parameter> parameters, int[] rows, NoiseSource source, int views, Reader? critic, double share)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor originals = _teachers.Pictures.Batch(rows);
        Tensor[] noise = Generator.Noise(originals, source);
        Tensor?[] gradients;
        double value, change;
        using (GradientMode.Recording())
        {
            var pass = new ReferencePass(Generator.Root, DType.Float32, ForwardContext.Evaluation());
            Tensor loss;
            using (TensorScope forward = TensorScope.Open())
            {
                // What the backward pass needs is held by the graph, which lets go of it piece by piece; a scope would hold all of it to the end.
                GeneratorOutput output = Generator.Apply(originals, noise, (layer, x) => layer.Reference(x, pass));
                loss = forward.Keep(_rules.GeneratorLoss(new GameBatch(originals, output, rows, views, critic), _task, [.. _attackers.Select(attacker => attacker.Reader)], UtilityWeight));
                value = loss.Item();
                change = (output.Result - originals).Abs().Mean().Item();
            }

            gradients = Tensor.Gradients(loss, [.. parameters.Select(pass.Of)]);
        }

        using GradientMode off = GradientMode.Off();
        for (int i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is { } gradient)
            {
                Tensor sum = parameters[i].Gradient!;
                sum.CopyFrom(sum + (gradient * share));
            }
        }

        return (value, change);
    }

    private void ReplaceOldest(ISeededRandom random, CancellationToken cancellation)
    {
        int place = Enumerable.Range(0, _attackers.Count).MinBy(i => _attackers[i].BornRound);
        TrainingAttacker fresh = Seat(place, _attackers[place].Reader.Architecture, Round);
        Teach(fresh, obfuscates: true, BriefEpochs, random, cancellation);
    }

    private void Teach(TrainingAttacker attacker, bool obfuscates, int epochs, ISeededRandom random, CancellationToken cancellation)
    {
        int steps = Math.Max(1, epochs * _teachers.Pictures.Count / _settings.Batch);
        for (int i = 0; i < steps; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using TensorScope scope = TensorScope.Open();
            ISeededRandom own = random.Derive("teach", (ulong)i);
            int[] rows = Draw(_settings.Batch / _rules.AttackerViews, _rules.AttackerViews, own);
            Tensor shown = obfuscates ? Obfuscated(rows, SeededNoise.Of(rows, own)) : _teachers.Pictures.Batch(rows);
            if (_rules.Augments)
            {
                ReaderTraining.Augment(shown, own);
            }

            attacker.Step.Take(shown, AttributeLabels(rows), _settings.LearningRate * 2);
        }
    }

    private TrainingAttacker Fresh(string architecture, int bornRound, ulong place)
    {
        ISeededRandom init = _random.Derive("attacker", place).Derive("born", (ulong)bornRound);
        var reader = new Reader(architecture, _teachers.Pictures.Channels, _teachers.Pictures.Side, _rules.AttackerOutputs, init);
        return new TrainingAttacker(reader, new ReaderStep(reader, _rules.AttackerLoss(reader)), bornRound);
    }

    private Tensor AttributeLabels(int[] rows) => OriginalReaders.Rest(_teachers).Labels(rows);

    private int[] Draw(int count, int views, ISeededRandom random)
    {
        ISeededRandom rows = random.Derive("rows");
        int[] drawn = [.. Enumerable.Range(0, Math.Max(1, count)).Select(_ => rows.NextInt(_teachers.Pictures.Count))];
        return views == 1 ? drawn : [.. drawn, .. drawn];
    }
}

/// <summary>Figures of one round; a line of <c>metrics.jsonl</c>. Computed from private data: stays in the run folder.</summary>
/// <param name="Round">1 for the first.</param>
/// <param name="AttackerLoss">Mean over attackers and steps.</param>
/// <param name="GeneratorLoss">Of the generator's own batch.</param>
/// <param name="MeanAbsDelta">Mean change of its batch, pixel-range units.</param>
/// <param name="UtilityWeight">λ_u.</param>
public sealed record RoundFigures(int Round, double AttackerLoss, double GeneratorLoss, double MeanAbsDelta, double UtilityWeight);
