using Pellicle.Core.Random;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Readers;

namespace Pellicle.Viewmaker.Training;

/// <summary>The networks trained on originals: of the task, and of the attacker who has seen originals only. Kept in the run folder, so that a resumed run has the same.</summary>
internal static class OriginalReaders
{
    /// <summary>The task's network, trained or read.</summary>
    public static Reader Task(ObfuscationFolder folder, TrainConfig config, LabelledPictures training, LabelledPictures validation, ISeededRandom random, CancellationToken cancellation) =>
        TrainedOrRead(folder.TaskReader, TaskArchitecture(config), First(training), First(validation), config, random.Derive("task"), cancellation);

    /// <summary>The attacker's network, trained or read.</summary>
    public static Reader Attacker(ObfuscationFolder folder, TrainConfig config, LabelledPictures training, LabelledPictures validation, ISeededRandom random, CancellationToken cancellation) =>
        TrainedOrRead(folder.OriginalAttacker, AttackerArchitecture, Rest(training), Rest(validation), config, random.Derive("attacker on originals"), cancellation);

    /// <summary>Reads a network that training wrote.</summary>
    public static Reader Read(string path, string architecture, LabelledPictures pictures)
    {
        Reader reader = Reader.For(architecture, pictures.Pictures, pictures.Columns, new SeededRandom(0));
        try
        {
            reader.Network.Load(path);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Network of the attacker on originals.</summary>
    public const string AttackerArchitecture = "cnn_plain";

    /// <summary>Network of the task: the model of the settings if it is a reader, otherwise a plain CNN.</summary>
    public static string TaskArchitecture(TrainConfig config) => ReaderCatalog.Names.Contains(config.Model.Name) ? config.Model.Name : "cnn_plain";

    /// <summary>The same pictures with the task only.</summary>
    public static LabelledPictures First(LabelledPictures pictures) => pictures with { Columns = [pictures.Columns[0]] };

    /// <summary>The same pictures with the attributes only.</summary>
    public static LabelledPictures Rest(LabelledPictures pictures) => pictures with { Columns = [.. pictures.Columns.Skip(1)] };

    private static Reader TrainedOrRead(string path, string architecture, LabelledPictures training, LabelledPictures validation, TrainConfig config, ISeededRandom random, CancellationToken cancellation)
    {
        if (File.Exists(path))
        {
            return Read(path, architecture, training);
        }

        Reader reader = Reader.For(architecture, training.Pictures, training.Columns, random.Derive("init"));
        try
        {
            ReaderTraining.Fit(reader, training, validation, new ReaderTrainingOptions { Epochs = config.Obfuscate.ReaderEpochs }, random.Derive("fit"), cancellation);
            reader.Network.Save(path);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }
}
