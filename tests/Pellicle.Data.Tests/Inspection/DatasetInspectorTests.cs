using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Data.Inspection;
using Pellicle.Formats.Json;

namespace Pellicle.Data.Tests.Inspection;

public sealed class DatasetInspectorTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Everything_that_is_wrong_is_told_and_nothing_is_refused()
    {
        byte[] png = TestPictures.Png(12, 10, 3, 1);
        string csv = "file,label,split,lesion,sex\n" +
            "a.png,x,train,L1,f\nb.png,y,train,L1,m\nc.jpg,x,test,L2,f\ncopy.png,x,test,L3,f\nbad.jpg,y,train,L3,m\nmissing.png,y,train,L4,m\n";
        string path = _folder.Write("p.zip", TestPictures.Pack(csv, [("a.png", png), ("copy.png", png), ("b.png", TestPictures.Png(12, 10, 3, 2)), ("c.jpg", TestPictures.Jpeg(20, 16, 1)), ("bad.jpg", "text"u8.ToArray())]));
        DatasetInspection i = DatasetInspector.Inspect(path, new DatasetOptions { PatientColumn = "lesion" });

        Assert.Equal(6, i.Images);
        Assert.Equal(2, i.Unreadable.Count);
        Assert.Contains(i.Unreadable, u => u.Reason.Contains("missing.png", StringComparison.Ordinal));
        Assert.Contains(i.Unreadable, u => u.File == "bad.jpg" && u.Reason.Contains("neither PNG nor JPEG", StringComparison.Ordinal));
        Assert.Equal(1, i.Duplicates);
        Assert.Contains(i.Warnings, w => w.Contains("'a.png' (train) and 'copy.png' (test)", StringComparison.Ordinal));
        Assert.Contains(i.Warnings, w => w.Contains("same patient as", StringComparison.Ordinal));
        Assert.Equal([new ImageSizeCount(12, 10, 3, 3), new ImageSizeCount(20, 16, 1, 1)], i.Sizes);
        Assert.Equal([new("train", "x", 1), new("train", "y", 2), new SplitClassCount("test", "x", 2)], i.Counts);
        Assert.Equal(3, i.Patients);
        Assert.Equal(new ImagesPerPatient(5 / 3.0, 2), i.ImagesPerPatient);
        Assert.Contains("--unit patient", i.SuggestedOptions);
        Assert.Contains("--attribute-columns sex", i.SuggestedOptions);
    }

    [Fact]
    public void Json_has_exactly_the_documented_fields()
    {
        DatasetInspection inspection = DatasetInspector.Inspect(_folder.Write("p.zip", TestPictures.Pack(10)));
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(inspection, PellicleJson.Line));
        Assert.Equal(
            ["source", "kind", "images", "unreadable", "classes", "counts", "sizes", "duplicates", "patients", "imagesPerPatient", "columns", "dicomTags", "suggestedOptions", "isSynthetic"],
            json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal("pack", json.RootElement.GetProperty("kind").GetString());
        Assert.Equal(["split", "class", "images"], json.RootElement.GetProperty("counts")[0].EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public void A_grouping_column_is_suggested_but_not_used()
    {
        string csv = "file,label,lesion\n" + string.Concat(Enumerable.Range(0, 12).Select(i => $"{i}.png,{(i % 2 == 0 ? "a" : "b")},L{i / 2}\n"));
        string path = _folder.Write("p.zip", TestPictures.Pack(csv, Enumerable.Range(0, 12).Select(i => ($"{i}.png", TestPictures.Png(100, 70, 1, i)))));
        DatasetInspection i = DatasetInspector.Inspect(path, new DatasetOptions { Split = "100/0/0" });
        Assert.Null(i.Patients);
        Assert.Null(i.ImagesPerPatient);
        Assert.Equal(["--patient-column lesion", "--unit patient", "--image-size 64", "--delta 1e-1"], i.SuggestedOptions);
    }

    [Theory]
    [InlineData(9, "1e-1")]
    [InlineData(10, "1e-2")]
    [InlineData(5918, "1e-4")]
    [InlineData(60000, "1e-5")]
    public void The_suggested_delta_lies_below_one_over_n(int units, string expected)
    {
        Assert.Equal(expected, OptionSuggestions.Delta(units));
        Assert.True(double.Parse(expected) < 1.0 / units);
    }

    [Fact]
    public void One_class_is_a_warning_here()
    {
        _folder.Write("set/only/1.png", TestPictures.Png());
        DatasetInspection i = DatasetInspector.Inspect(_folder.At("set"));
        Assert.Equal(["only"], i.Classes);
        Assert.Contains(i.Warnings, w => w.Contains("at least two classes", StringComparison.Ordinal));
    }

    [Fact]
    public void A_source_without_a_single_usable_row_is_an_error()
    {
        Assert.Throws<DataFormatException>(() => DatasetInspector.Inspect(_folder.Write("t.csv", "file,label\ngone.png,x\n")));
    }

    [Fact]
    public void Cancelling_stops()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        Assert.Throws<OperationCanceledException>(() => DatasetInspector.Inspect(_folder.Write("p.zip", TestPictures.Pack(30)), cancellation: cancel.Token));
    }

    [SharedFact("data/covid-xray-256.zip")]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Covid_pack_has_its_published_description()
    {
        DatasetInspection i = DatasetInspector.Inspect(SharedFiles.Locate("data/covid-xray-256.zip"));
        Assert.Equal(245, i.Images);
        Assert.Empty(i.Unreadable);
        Assert.Equal(0, i.Duplicates);
        Assert.Equal(["covid19", "no-finding", "other-finding"], i.Classes);
        Assert.Contains(new SplitClassCount("train", "covid19", 135), i.Counts);
        Assert.All(i.Sizes, s => Assert.Equal(256, Math.Min(s.Width, s.Height)));
        Assert.True(i.ImagesPerPatient!.Max > 1);
        Assert.Contains("--unit patient", i.SuggestedOptions);
    }

    [SharedFact("data/nih-xray-64.zip")]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Nih_pack_of_png_files_reads_without_faults()
    {
        DatasetInspection i = DatasetInspector.Inspect(SharedFiles.Locate("data/nih-xray-64.zip"));
        Assert.Equal(776, i.Images);
        Assert.Empty(i.Unreadable);
        Assert.Empty(i.Warnings);
        Assert.Equal([new ImageSizeCount(64, 64, 1, 776)], i.Sizes);
    }
}
