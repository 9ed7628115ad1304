using Pellicle.Core.Random;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Training;

/// <summary>The work that benchmarks time: a forward pass of a generator, and a pair of steps of the reference's retina system with two ResNet-18, on pictures of noise.</summary>
public sealed class ObfuscationWorkload : IDisposable
{
    private readonly Generator _generator;
    private readonly Reader _task;
    private readonly ObfuscationGame _game;
    private readonly PictureSet _pictures;

    /// <summary>Builds networks and pictures.</summary>
    /// <param name="side">Side in pixels.</param>
    /// <param name="batch">Images of a step.</param>
    public ObfuscationWorkload(int side, int batch)
    {
        var random = new SeededRandom(1);
        ObfuscateSection settings = GeneratorSettings.Effective(new ObfuscateSection { System = ObfuscationSystem.Retina, Attributes = ["sex"] }) with { Batch = batch };
        _pictures = PictureSet.Fill(3, side, batch, (_, samples) =>
        {
            foreach (ref byte sample in samples)
            {
                sample = (byte)random.NextUInt64();
            }
        });
        SubjectColumn Column(string name, int classes) => new(name, [.. Enumerable.Range(0, classes).Select(k => $"{k}")], [.. Enumerable.Range(0, batch).Select(i => i % classes)]);
        var teachers = new LabelledPictures(_pictures, [Column("disease", 3), Column("sex", 2)]);
        _generator = new Generator(GeneratorSettings.Options(settings, 3, side), random.Derive("generator"));
        _task = new Reader("resnet18_gn", 3, side, [3], random.Derive("task"));
        _game = new ObfuscationGame(settings, _generator, _task, teachers, random.Derive("game"));
    }

    /// <summary>Obfuscates a few images.</summary>
    /// <param name="images">How many, at most the batch.</param>
    public void Forward(int images)
    {
        using TensorScope scope = TensorScope.Open();
        _generator.Obfuscate(_pictures.Batch([.. Enumerable.Range(0, images)]), (_, values) => values.Fill(0.5f));
    }

    /// <summary>One attacker step and one generator step.</summary>
    public void Pair() => _game.Play(default);

    /// <inheritdoc/>
    public void Dispose()
    {
        _game.Dispose();
        _task.Dispose();
        _generator.Dispose();
    }
}
