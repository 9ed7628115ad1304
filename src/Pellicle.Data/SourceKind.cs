namespace Pellicle.Data;

/// <summary>Kinds of image sources, as written before the colon of a source text.</summary>
public enum SourceKind
{
    /// <summary>A ZIP with <c>labels.csv</c> and <c>images/…</c>, read in place.</summary>
    Pack,

    /// <summary>A folder with one subfolder per class, below train, val and test if these are there.</summary>
    Folder,

    /// <summary>A CSV file that names image files and labels.</summary>
    Csv,

    /// <summary>A NumPy archive in the MedMNIST layout.</summary>
    Npz,

    /// <summary>The four IDX files of MNIST, in a folder or a ZIP.</summary>
    Idx,

    /// <summary>DICOM files in a folder of classes, or with a table <c>labels.csv</c> in a folder or ZIP.</summary>
    Dicom,

    /// <summary>A label list in NeuraCrypt's JSON.</summary>
    Json,

    /// <summary>A folder that <c>data prepare</c> wrote.</summary>
    Prepared,

    /// <summary>A public folder that <c>encode run</c> wrote, or several merged; no pictures.</summary>
    Encoded,

    /// <summary>Procedural images; no patient data.</summary>
    Synth,
}
