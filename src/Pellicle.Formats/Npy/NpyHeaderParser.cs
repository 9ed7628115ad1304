using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;

namespace Pellicle.Formats.Npy;

/// <summary>Parses the header of a .npy file: magic, version, length, and a Python dictionary with three keys.</summary>
/// <remarks>NumPy Enhancement Proposal 1 and the notes on versions 2 and 3 in numpy.lib.format. The input is treated as hostile: nothing is evaluated.</remarks>
internal static class NpyHeaderParser
{
    /// <summary>Largest accepted header text, in bytes. NumPy itself writes a few hundred.</summary>
    public const int MaxHeaderBytes = 1 << 16;

    private const int MaxRank = 32;

    /// <summary>First bytes of every .npy file.</summary>
    public static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Parses the start of a file.</summary>
    /// <exception cref="DataFormatException">Not a .npy file, an unsupported type, or sizes that overflow.</exception>
    public static NpyHeader Parse(ByteSource source)
    {
        Span<byte> start = stackalloc byte[12];
        int available = (int)Math.Min(start.Length, source.Length);
        source.ReadExactly(0, start[..available]);
        if (available < 10 || !start.StartsWith(Magic))
        {
            throw Bad(source, "does not start as a .npy file does (byte 0)");
        }

        int version = start[6];
        if (version is < 1 or > 3 || (version > 1 && available < 12))
        {
            throw Bad(source, $"has format version {version}.{start[7]} (byte 6); versions 1, 2 and 3 are read");
        }

        int prefix = version == 1 ? 10 : 12;
        uint length = version == 1 ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        if (length > MaxHeaderBytes)
        {
            throw Bad(source, $"declares a header of {length} bytes (byte 8); at most {MaxHeaderBytes} are accepted");
        }

        byte[] text = source.ReadBytes(prefix, length);
        return new Dictionary(source, Encoding.Latin1.GetString(text), prefix).Read(prefix + length);
    }

    private static DataFormatException Bad(ByteSource source, string what) =>
        new($"{source.Name}: {what}.", "Expected an array saved by numpy.save or numpy.savez with a plain number type.");

    /// <summary>Reads the one form of dictionary that headers have.</summary>
    private sealed class Dictionary(ByteSource source, string text, int start)
    {
        private int _at;

        public NpyHeader Read(long dataOffset)
        {
            string? type = null;
            bool? isFortran = null;
            long[]? shape = null;
            Take('{');
            while (Peek() != '}')
            {
                string key = TakeText();
                Take(':');
                switch (key)
                {
                    case "descr" when type is null:
                        type = Peek() is '\'' or '"' ? TakeText() : throw Here("has a structured element type; only plain numbers are read");
                        break;
                    case "fortran_order" when isFortran is null:
                        isFortran = TakeBool();
                        break;
                    case "shape" when shape is null:
                        shape = TakeShape();
                        break;
                    default:
                        throw Here($"header key '{key[..Math.Min(key.Length, 40)]}' is unknown or repeated");
                }

                if (Peek() == ',')
                {
                    _at++;
                }
                else if (Peek() != '}')
                {
                    throw Here("expected ',' or '}'");
                }
            }

            _at++;
            if (Peek() != '\0')
            {
                throw Here("text follows the header dictionary");
            }

            if (type is null || isFortran is null || shape is null)
            {
                throw Here("the header needs the keys descr, fortran_order and shape");
            }

            (NpyType element, bool isBigEndian) = ParseType(type);
            CheckSize(shape, NpyHeader.SizeOf(element));
            return new NpyHeader(element, isBigEndian, isFortran.Value, shape, dataOffset);
        }

        private (NpyType Type, bool IsBigEndian) ParseType(string text)
        {
            bool isBigEndian = text.StartsWith('>');
            string code = text.Length > 0 && (text[0] is '<' or '>' or '|' or '=') ? text[1..] : text;
            if (code.StartsWith('O'))
            {
                throw Here("holds Python objects (type 'O'), which would need unpickling; that is refused because it can run code");
            }

            NpyType? type = code switch
            {
                "b1" or "?" => NpyType.B1,
                "u1" or "B" => NpyType.U1,
                "i1" or "b" => NpyType.I1,
                "u2" => NpyType.U2,
                "i2" => NpyType.I2,
                "u4" => NpyType.U4,
                "i4" => NpyType.I4,
                "i8" => NpyType.I8,
                "f2" => NpyType.F2,
                "f4" => NpyType.F4,
                "f8" => NpyType.F8,
                _ => null,
            };
            return type is { } known
                ? (known, isBigEndian)
                : throw Here($"has element type '{text[..Math.Min(text.Length, 40)]}'; expected one of b1 u1 i1 u2 i2 u4 i4 i8 f2 f4 f8");
        }

        private void CheckSize(long[] shape, int elementSize)
        {
            try
            {
                long bytes = shape.Aggregate((long)elementSize, (product, size) => checked(product * size));
                if (bytes != 0)
                {
                    return;
                }

                // A zero hides an overflow of the other sizes, which the product over all of them would meet later.
                _ = shape.Where(size => size != 0).Aggregate((long)elementSize, (product, size) => checked(product * size));
            }
            catch (OverflowException)
            {
                throw Here($"has the shape ({string.Join(", ", shape)}), whose size overflows");
            }
        }

        private long[] TakeShape()
        {
            Take('(');
            var sizes = new List<long>();
            while (Peek() != ')')
            {
                int first = _at;
                while (_at < text.Length && char.IsAsciiDigit(text[_at]))
                {
                    _at++;
                }

                if (!long.TryParse(text.AsSpan(first, _at - first), NumberStyles.None, CultureInfo.InvariantCulture, out long size))
                {
                    throw Here($"expected a size from 0 to {long.MaxValue}");
                }

                if (_at < text.Length && text[_at] == 'L')
                {
                    _at++; // Python 2 wrote long integers so
                }

                sizes.Add(size);
                if (sizes.Count > MaxRank)
                {
                    throw Here($"has more than {MaxRank} dimensions");
                }

                if (Peek() == ',')
                {
                    _at++;
                }
                else if (Peek() != ')')
                {
                    throw Here("expected ',' or ')'");
                }
            }

            _at++;
            return [.. sizes];
        }

        private bool TakeBool()
        {
            Peek();
            foreach ((string word, bool value) in new[] { ("True", true), ("False", false) })
            {
                if (string.CompareOrdinal(text, _at, word, 0, word.Length) == 0)
                {
                    _at += word.Length;
                    return value;
                }
            }

            throw Here("expected True or False");
        }

        private string TakeText()
        {
            char quote = Peek();
            if (quote is not ('\'' or '"'))
            {
                throw Here("expected a quoted text");
            }

            int end = text.IndexOf(quote, _at + 1);
            if (end < 0)
            {
                throw Here("a text has no end");
            }

            string value = text[(_at + 1)..end];
            _at = end + 1;
            return value;
        }

        private void Take(char expected)
        {
            if (Peek() != expected)
            {
                throw Here($"expected '{expected}'");
            }

            _at++;
        }

        /// <summary>Next character that is no white space; NUL at the end.</summary>
        private char Peek()
        {
            while (_at < text.Length && (text[_at] is ' ' or '\n' or '\t' or '\r'))
            {
                _at++;
            }

            return _at < text.Length ? text[_at] : '\0';
        }

        private DataFormatException Here(string what) => Bad(source, $"{what} (header, byte {start + _at})");
    }
}
