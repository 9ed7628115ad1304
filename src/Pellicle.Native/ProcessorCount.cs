namespace Pellicle.Native;

/// <summary>How many processors there are for numerical work.</summary>
public static class ProcessorCount
{
    private const string Topology = "/sys/devices/system/cpu";

    /// <summary>Physical cores that this process may use, at least 1: two hyper-threads of a core share its arithmetic units.</summary>
    public static int Physical { get; } = Math.Max(1, Math.Min(Environment.ProcessorCount, CountCores() ?? Environment.ProcessorCount));

    private static int? CountCores()
    {
        try
        {
            string[] cores = [.. Directory.EnumerateDirectories(Topology, "cpu*")
                .Select(folder => Path.Combine(folder, "topology", "thread_siblings_list"))
                .Where(File.Exists)
                .Select(File.ReadAllText)];
            return cores.Length == 0 ? null : cores.Distinct().Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
