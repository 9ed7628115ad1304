using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Training.Recipes;

namespace Pellicle.Training.Tests.Recipes;

public sealed class RecipeTests : IDisposable
{
    private const string About = "recipe:\n  summary: skin\n  sources: [synth]\n  classes: [benign, malignant]\n  smallestSide: 16\n  largestSide: 32\n";
    private const string Skin = About + "model: { name: scatter_linear, scatteringScales: 3 }\ntrain: { batch: 512, steps: 70, lr: 5 }\nprivacy: { maxGradNorm: 0.3 }\n"
        + "epsilon:\n  0-2: { train.lr: 1 }\n  2-5.5: { train.lr: 2, train.steps: 90 }\n  non-private: { train.lr: 9 }\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-recipes-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_recipe_is_above_built_in_values_and_below_file_variables_and_options()
    {
        Write("skin", Skin);
        string file = Path.Combine(_folder, "c.cfg");
        File.WriteAllText(file, "train: { batch: 256 }\nmodel: { imageSize: 16 }\n");
        LoadedConfig loaded = Load("skin", file, new() { ["PELLICLE_PRIVACY__MAX_GRAD_NORM"] = "0.7" }, ("privacy.targetEpsilon", "8"), ("train.lr", "6"));
        Assert.Equal(("scatter_linear", 3, 16), (loaded.Config.Model.Name, loaded.Config.Model.ScatteringScales, loaded.Config.Model.ImageSize));
        Assert.Equal((256, 70L, 6.0, 0.7), (loaded.Config.Train.Batch, loaded.Config.Train.Steps, loaded.Config.Train.Lr, loaded.Config.Privacy.MaxGradNorm));
        Assert.Null(loaded.Config.Train.Epochs); // steps of the recipe replace the built-in epochs
        Assert.Equal("recipe skin", loaded.Origins["model.name"].Text);
        Assert.Equal(SettingLayer.Recipe, loaded.Origins["train.steps"].Layer);
        Assert.Equal(SettingLayer.File, loaded.Origins["train.batch"].Layer);
        Assert.Equal("skin", loaded.Recipe!.Name);

        LoadedConfig epochs = Load("skin", null, [], ("privacy.targetEpsilon", "8"), ("train.epochs", "3"));
        Assert.Equal((3.0, null), (epochs.Config.Train.Epochs, epochs.Config.Train.Steps));
    }

    [Theory]
    [InlineData("privacy.targetEpsilon", "1.16", 1, 70)]
    [InlineData("privacy.targetEpsilon", "2", 1, 70)]
    [InlineData("privacy.targetEpsilon", "2.01", 2, 90)]
    [InlineData("privacy.targetEpsilon", "5.5", 2, 90)]
    [InlineData("privacy.targetEpsilon", "8", 5, 70)]
    [InlineData("privacy.noiseMultiplier", "2", 5, 70)]
    [InlineData("privacy.nonPrivate", "true", 9, 70)]
    public void Settings_follow_the_range_of_epsilon(string choice, string value, double learningRate, long steps)
    {
        Write("skin", Skin);
        TrainConfig config = Load("skin", null, [], (choice, value)).Config;
        Assert.Equal((learningRate, steps), (config.Train.Lr, config.Train.Steps));
    }

    [Fact]
    public void Best_picks_the_recipe_by_kind_of_source_classes_and_size()
    {
        Write("skin", Skin);
        Write("large", About.Replace("smallestSide: 16", "smallestSide: 33", StringComparison.Ordinal).Replace("largestSide: 32", "largestSide: 64", StringComparison.Ordinal) + "train: { batch: 7 }\n");
        Write("other", About.Replace("[benign, malignant]", "[cat, dog]", StringComparison.Ordinal));
        Write("packed", About.Replace("[synth]", "[pack, npz]", StringComparison.Ordinal));
        Assert.Equal("skin", Load("best", null, [], ("privacy.targetEpsilon", "1")).Recipe!.Name);
        Assert.Equal("large", Load("best", null, [], ("privacy.targetEpsilon", "1"), ("data.source", "synth:dermoscopy,images=40,size=48")).Recipe!.Name);
    }

    [Fact]
    public void Best_lists_the_recipes_when_none_or_several_fit()
    {
        Write("other", About.Replace("[benign, malignant]", "[cat, dog]", StringComparison.Ordinal));
        string none = Assert.Throws<UsageException>(() => Load("best", null, [], ("privacy.targetEpsilon", "1"))).Message;
        Assert.Contains("no recipe fits", none, StringComparison.Ordinal);
        Assert.Contains("other (synth:, classes cat, dog, pictures of 16 to 32 pixels)", none, StringComparison.Ordinal);
        Assert.Contains("classes benign, malignant, 24 pixels", none, StringComparison.Ordinal);
        Write("skin", Skin);
        Write("skin-too", Skin);
        Assert.Contains("skin, skin-too", Assert.Throws<UsageException>(() => Load("best", null, [], ("privacy.targetEpsilon", "1"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_gets_the_list_and_the_nearest()
    {
        Write("skin", Skin);
        UsageException e = Assert.Throws<UsageException>(() => Load("skim", null, [], ("privacy.targetEpsilon", "1")));
        Assert.Contains("skin, best", e.Message, StringComparison.Ordinal);
        Assert.Equal("Did you mean skin?", e.Hint);
    }

    [Theory]
    [InlineData("privacy: { targetEpsilon: 3 }", "must not set 'privacy.targetEpsilon'")]
    [InlineData("data: { source: \"pack:x.zip\" }", "must not set 'data.source'")]
    [InlineData("epsilon: { 0-3: { train.lr: 1 }, 2-5: { train.lr: 2 } }", "overlaps")]
    [InlineData("epsilon: { 3-2: { train.lr: 1 } }", "no setting for a range of epsilon")]
    [InlineData("epsilon: { 0-3: { seed: 1 } }", "must not set 'seed'")]
    [InlineData("train: { stepz: 4 }", "unknown setting 'train.stepz'")]
    public void A_recipe_that_chooses_for_the_user_or_is_damaged_is_refused(string text, string expected)
    {
        Write("bad", About + text + "\n");
        Assert.Contains(expected, Assert.Throws<UsageException>(() => Load("bad", null, [], ("privacy.targetEpsilon", "1"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_without_classes_or_summary_is_refused()
    {
        Write("bad", "recipe: { sources: [zip], author: me }\n");
        string messages = Assert.Throws<UsageException>(() => Load("bad", null, [], ("privacy.targetEpsilon", "1"))).Message;
        Assert.Contains("4 problems", messages, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_recipe_of_the_repository_loads_for_every_choice_of_guarantee()
    {
        var shelf = new RecipeShelf([Path.Combine(SharedFiles.Repository, "recipes")]);
        Assert.Contains("mnist", shelf.Names);
        foreach (string name in shelf.Names)
        {
            foreach ((string key, string value) in new[] { ("privacy.targetEpsilon", "1"), ("privacy.targetEpsilon", "3"), ("privacy.targetEpsilon", "8"), ("privacy.noiseMultiplier", "1"), ("privacy.nonPrivate", "true") })
            {
                LoadedConfig loaded = TrainConfigLoader.Load(new ConfigSources
                {
                    Recipe = name,
                    Recipes = shelf,
                    Options = [new RawSetting("data.source", "synth:dermoscopy", new SettingOrigin(SettingLayer.Option, "--data")), new RawSetting(key, value, new SettingOrigin(SettingLayer.Option, key))],
                });
                Assert.Equal(SettingLayer.Recipe, loaded.Origins["model.name"].Layer);
            }
        }
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name + ".yaml"), text);

    private LoadedConfig Load(string recipe, string? file, Dictionary<string, string> environment, params (string Key, string Value)[] options)
    {
        (string Key, string Value)[] all = options.Any(o => o.Key == "data.source") ? options : [("data.source", "synth:dermoscopy,images=40,size=24"), .. options];
        return TrainConfigLoader.Load(new ConfigSources
        {
            Recipe = recipe,
            Recipes = new RecipeShelf([_folder]),
            File = file,
            Environment = environment,
            Options = [.. all.Select(o => new RawSetting(o.Key, o.Value, new SettingOrigin(SettingLayer.Option, "--set " + o.Key)))],
        });
    }
}
