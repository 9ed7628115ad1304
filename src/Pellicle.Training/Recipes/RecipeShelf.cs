using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Recipes;

/// <summary>The recipes that can be chosen by name: the YAML files of some folders. To add one, add a file.</summary>
/// <param name="folders">Looked through in order; of equal names the first is taken. Missing folders are skipped.</param>
public sealed class RecipeShelf(IReadOnlyList<string> folders)
{
    /// <summary>The name that asks for the recipe of the data.</summary>
    public const string Best = "best";

    /// <summary>Names of all recipes, in order.</summary>
    public IReadOnlyList<string> Names => [.. Files().Keys];

    /// <summary>Finds a recipe.</summary>
    /// <param name="name">A name, <see cref="Best"/>, or the path of a YAML file.</param>
    /// <param name="config">Tells <see cref="Best"/> the data; other settings are not looked at.</param>
    /// <exception cref="UsageException">There is no such recipe, none or several fit the data, or its file is damaged.</exception>
    public Recipe Choose(string name, TrainConfig config)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(config);
        SortedDictionary<string, string> files = Files();
        if (name == Best)
        {
            return ForData(config, [.. files.Values.Select(RecipeReader.Read)]);
        }

        if (files.TryGetValue(name, out string? file))
        {
            return RecipeReader.Read(file);
        }

        if (name.EndsWith(".yaml", StringComparison.OrdinalIgnoreCase) && File.Exists(name))
        {
            return RecipeReader.Read(name);
        }

        string? near = NearestName.Find(name, [.. files.Keys, Best]);
        throw new UsageException(
            $"there is no recipe '{name}'; expected {string.Join(", ", [.. files.Keys, Best])}, or the path of a .yaml file.",
            near is null ? "Choose one of them, or leave --recipe out." : $"Did you mean {near}?");
    }

    private static Recipe ForData(TrainConfig config, IReadOnlyList<Recipe> recipes)
    {
        if (config.Data.Source is not { } source)
        {
            throw new UsageException("--recipe best chooses by the data, and no data were given.", "Give --data SRC, or name a recipe.");
        }

        using ImageDataset dataset = ImageDataset.Open(source, RunConfig.DatasetOptions(config));
        RawImage first = dataset.Read(dataset.RequireSplit(SplitName.Train)[0]); // its size is a fact about the file format, not about a person
        int side = Math.Min(first.Width, first.Height);
        Recipe[] fitting = [.. recipes.Where(recipe => recipe.Match.Fits(dataset.Kind, dataset.Classes, side))];
        string data = $"{source} ({dataset.Kind.ToString().ToLowerInvariant()}:, classes {string.Join(", ", dataset.Classes.Take(10))}{(dataset.Classes.Count > 10 ? ", …" : "")}, {side} pixels)";
        return fitting.Length switch
        {
            1 => fitting[0],
            0 => throw new UsageException(
                $"no recipe fits {data}. Recipes: {string.Join("; ", recipes.Select(recipe => $"{recipe.Name} ({recipe.Match})"))}.",
                "Name the one whose data are nearest to yours, or leave --recipe out."),
            _ => throw new UsageException($"several recipes fit {data}: {string.Join(", ", fitting.Select(recipe => recipe.Name))}.", "Name one of them."),
        };
    }

    private SortedDictionary<string, string> Files()
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal)))
        {
            files.TryAdd(Path.GetFileNameWithoutExtension(file), file);
        }

        return files;
    }
}
