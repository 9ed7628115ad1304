using System.Security.Cryptography;
using System.Text;
using Pellicle.Core.Random;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Safetensors;

namespace Pellicle.Training.Tests.Encodings;

/// <summary>Writes a public folder as 'encode run' does, with encodings whose first half tells the class.</summary>
internal static class PublicFolder
{
    public const int Tokens = 6;
    public const int Width = 8;

    public static string Write(string folder, int images = 60, bool asNpy = false, ulong seed = 1, string dtype = "f32", double positives = 0.5)
    {
        Directory.CreateDirectory(Path.Combine(folder, "encodings"));
        var random = new SeededRandom(seed);
        var labels = new StringBuilder("id,split,label\n");
        var values = new List<(string Id, float[] Values)>();
        for (int i = 0; i < images; i++)
        {
            string id = $"{random.NextInt(1 << 30):x8}{i:x24}";
            bool isPositive = i % 10 < 10 * positives;
            values.Add((id, [.. Enumerable.Range(0, Tokens * Width).Select(k => (float)(random.NextGaussian() + (isPositive == (k % Width < Width / 2) ? 0.7 : -0.7)))]));
            labels.Append(id).Append(i % 5 == 3 ? ",validation," : i % 5 == 4 ? ",test," : ",train,").Append(isPositive ? "pneumonia" : "normal").Append('\n');
        }

        File.WriteAllText(Path.Combine(folder, "labels.csv"), labels.ToString());
        var shards = new List<string>();
        if (asNpy)
        {
            foreach ((string id, float[] numbers) in values)
            {
                string file = $"encodings/{id}.npy";
                NpyFile.Write(Path.Combine(folder, file), NpyArray.From<float>(numbers, [Tokens, Width]));
                shards.Add(Shard(folder, file, 1));
            }
        }
        else
        {
            SafetensorsFile.Write(Path.Combine(folder, "encodings", "0000.safetensors"), values.Select(v => NamedArray.Of(v.Id, [Tokens, Width], v.Values)));
            shards.Add(Shard(folder, "encodings/0000.safetensors", images));
        }

        File.WriteAllText(
            Path.Combine(folder, "manifest.json"),
            $$"""{"format":"pellicle-encoded","version":1,"keyId":"k","count":{{images}},"shape":[{{Tokens}},{{Width}}],"dtype":"{{dtype}}","shards":[{{string.Join(',', shards)}}],"architecturePublic":{"kind":"conv"},"preprocessing":{"imageSize":32,"channels":1,"mean":43.9,"std":63.2},"classes":["normal","pneumonia"],"isSynthetic":true,"audit":null}""");
        return folder;
    }

    private static string Shard(string folder, string file, int count) =>
        $$"""{"file":"{{file}}","sha256":"{{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, file))))}}","count":{{count}}}""";
}
