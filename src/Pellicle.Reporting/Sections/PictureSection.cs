using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;

namespace Pellicle.Reporting.Sections;

/// <summary>A few images of the data, if they are procedural or the site asked for them.</summary>
internal static class PictureSection
{
    public static void Add(HtmlText page, RunContent run)
    {
        if (run.Pictures.Count == 0)
        {
            return;
        }

        page.Element("h2", "Images of the data");
        if (run.IsSynthetic)
        {
            page.Element("p", "stamp", p => p.Text(Wording.SyntheticStamp));
        }
        else
        {
            page.Element("div", "alarm", box => box.Element("b", "These may be images of patients.").Element("p", "They were included by --include-images. Remove this section before the report leaves the site."));
        }

        page.Open("div", "pictures");
        foreach (SamplePicture picture in run.Pictures)
        {
            page.Open("figure").Open("img", null, ("src", picture.DataUri), ("alt", picture.Caption)).Element("figcaption", picture.Caption).Close("figure");
        }

        page.Close("div");
    }
}
