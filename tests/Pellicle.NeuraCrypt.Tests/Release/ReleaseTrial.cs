using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.NeuraCrypt.Release;

namespace Pellicle.NeuraCrypt.Tests.Release;

/// <summary>A folder with a key and, after <see cref="Run"/>, a release of 24 synthetic pictures.</summary>
internal sealed class ReleaseTrial : IDisposable
{
    public static readonly EncoderArchitecture Tiny = new() { Depth = 1, PatchSize = 8, HiddenDim = 32, ImageSize = 32 };

    private const string Source = "synth:xray";
    private static readonly DatasetOptions Options = new() { Limit = 24 };
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-release").FullName;

    public ReleaseTrial(EncoderArchitecture? architecture = null)
    {
        using EncoderKey key = EncoderKey.Create(architecture ?? Tiny, new SystemSecureRandom(), DateTimeOffset.UnixEpoch);
        key.Save(At("hospital.key"), null, new SystemSecureRandom());
    }

    public string Public => At("public");

    public string At(string name) => Path.Combine(_folder, name);

    public EncodeResult Run(Func<EncodeRequest, EncodeRequest> change) => new EncodePipeline(TimeProvider.System, _ => { }, (_, _) => { }).Run(
        change(new EncodeRequest
        {
            Source = Source, Options = Options, KeyFile = At("hospital.key"), PublicFolder = Public, SecretFolder = At("secret"), Audit = AuditLevel.Off, AcceptedReason = "test", Threads = 1,
        }),
        null);

    public VerifyResult Verify() => VerifyPipeline.Run(Public, At("hospital.key"), null, Source, Options, 1);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
