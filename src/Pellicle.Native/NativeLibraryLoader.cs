using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Pellicle.Core.Errors;

namespace Pellicle.Native;

/// <summary>Finds the native libraries of this assembly. The resolver runs at the first call into each of them, which makes it the one
/// place that cannot be passed by: settings that must precede the load are made here.</summary>
internal static class NativeLibraryLoader
{
    private const string TorchPackages = "apt-get install libtorch-dev libdnnl-dev libopenblas0-openmp";
    private const string ImagePackages = "apt-get install libjpeg62-turbo-dev libpng-dev";

    /// <summary>Registers the resolver when the assembly is first used.</summary>
#pragma warning disable CA2255 // The one hook before the first native call of this assembly, whichever that is.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(NativeLibraryLoader).Assembly, Resolve);

    /// <summary>The text for a library that the system could not load.</summary>
    /// <param name="library">File name.</param>
    /// <param name="packages">Command that installs what it needs.</param>
    /// <param name="cause">What the loader said.</param>
    internal static EnvironmentException CannotLoad(string library, string packages, Exception cause) =>
        new($"The native library {library} cannot be loaded: {cause.Message.Split('\n')[0]}", $"Install what it needs ({packages}) and build again.", inner: cause);

    /// <summary>The text for a library of another version.</summary>
    /// <param name="library">File name.</param>
    /// <param name="found">Its interface.</param>
    /// <param name="expected">Ours.</param>
    internal static EnvironmentException WrongVersion(string library, int found, int expected) =>
        new($"The native library {library} has interface {found}, expected {expected}: it was built from another version.", "Build again, so that both parts come from the same sources.");

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name switch
    {
        TorchNative.LibraryName => LoadTorch(assembly, path),
        "pelimg" => Load("libpelimg.so", name, ImagePackages, assembly, path),
        _ => 0,
    };

    private static nint LoadTorch(Assembly assembly, DllImportSearchPath? path)
    {
        NativeEnvironment.Prepare();
        nint handle = Load("libpel.so", TorchNative.LibraryName, TorchPackages, assembly, path);
        CheckVersion(handle);
        NativeRuntime.Initialise(handle);
        return handle;
    }

    private static nint Load(string file, string name, string packages, Assembly assembly, DllImportSearchPath? path)
    {
        // Ours lies beside the assembly; the plain name would let the system's folders win.
        string beside = Path.Combine(AppContext.BaseDirectory, file);
        try
        {
            return NativeLibrary.Load(File.Exists(beside) ? beside : name, assembly, path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw CannotLoad(file, packages, e);
        }
    }

    private static unsafe void CheckVersion(nint handle)
    {
        int found = NativeLibrary.TryGetExport(handle, "pel_runtime_abi", out nint function)
            ? ((delegate* unmanaged<int>)function)()
            : 0;
        if (found != TorchNative.Abi)
        {
            throw WrongVersion("libpel.so", found, TorchNative.Abi);
        }
    }
}
