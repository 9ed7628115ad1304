using Pellicle.Core.Errors;

namespace Pellicle.Data.Tests.Dicom;

public sealed class DicomSourceTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_of_classes_takes_dicom_files_with_and_without_extension_and_nothing_else()
    {
        _folder.Write("scans/a/1.dcm", File(1));
        _folder.Write("scans/a/IM0001", File(2));
        _folder.Write("scans/b/2.DCM", File(3));
        _folder.Write("scans/b/notes", "not dicom");
        _folder.Write("scans/b/x.png", TestPictures.Png());
        using var dataset = ImageDataset.Open("dicom:" + _folder.At("scans"), new DatasetOptions { Split = "100/0/0" });
        Assert.Equal(SourceKind.Dicom, dataset.Kind);
        Assert.Equal(["a/1.dcm", "a/IM0001", "b/2.DCM"], dataset.Records.Select(r => r.File));
        Assert.Contains(dataset.Warnings, w => w.StartsWith("2 files", StringComparison.Ordinal));
        Assert.Null(dataset.PatientColumn);
        Assert.Equal(2, dataset.Read(1).Width);
    }

    [Fact]
    public void A_table_gives_classes_patients_and_attributes_and_no_tag_enters()
    {
        _folder.Write("scans/1.dcm", File(1));
        _folder.Write("scans/2.dcm", File(2));
        _folder.Write("scans/labels.csv", "file,finding,patient,sex,split\n1.dcm,yes,p1,f,train\n2.dcm,no,p2,m,train\n");
        using var dataset = ImageDataset.Open("dicom:" + _folder.At("scans"), new DatasetOptions { LabelColumn = "finding", AttributeColumns = ["sex"] });
        Assert.Equal(["no", "yes"], dataset.Classes);
        Assert.Equal(["p1", "p2"], dataset.Records.Select(r => r.Patient));
        Assert.Equal(["sex"], dataset.Records[0].Attributes.Keys);
        Assert.DoesNotContain(dataset.Columns, c => c.Contains("Patient", StringComparison.Ordinal));
    }

    [Fact]
    public void Csv_and_zip_sources_read_dicom_by_its_content()
    {
        _folder.Write("a.img", File(1));
        _folder.Write("b.img", File(2));
        using var csv = ImageDataset.Open("csv:" + _folder.Write("t.csv", "file,label\na.img,x\nb.img,y\n"), new DatasetOptions { Split = "100/0/0" });
        Assert.Equal((2, 2, 1), (csv.Read(0).Width, csv.Read(0).Height, csv.Read(0).Channels));
        string zip = _folder.Write("p.zip", TestPictures.Pack("file,label,split\n1.dcm,x,train\n2.dcm,y,train\n", [("1.dcm", File(1)), ("2.dcm", File(2))]));
        using var pack = ImageDataset.Open("dicom:" + zip);
        Assert.Equal(SourceKind.Dicom, pack.Kind);
        Assert.Equal([0, 255, 10, 1], pack.Read(0).Bytes.ToArray());
    }

    [Fact]
    public void The_window_decides_the_pixels_of_every_source()
    {
        string path = _folder.Write("a/1.dcm", File(1));
        Assert.NotEqual(ImageFile.Read(path).Bytes.ToArray(), ImageFile.Read(path, new DatasetOptions { Window = DicomWindow.Parse("5,10") }).Bytes.ToArray());
    }

    [Fact]
    public void A_single_file_is_no_source()
    {
        DataFormatException e = Assert.Throws<DataFormatException>(() => ImageDataset.Open("dicom:" + _folder.Write("1.dcm", File(1))));
        Assert.Contains("single file", e.Message, StringComparison.Ordinal);
    }

    private static byte[] File(byte value) => RawDicom.Image(2, 2, 8, "MONOCHROME2", [0, 255, 10, value]).ToArray();
}
