namespace Pellicle.Cli;

/// <summary>The version of this program.</summary>
internal static class AppVersion
{
    public static string Text { get; } = typeof(AppVersion).Assembly.GetName().Version!.ToString(3);
}
