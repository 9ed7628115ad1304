namespace Pellicle.Data.Tests.Images;

/// <summary>Files in forms that the codec does not write, made with libjpeg-turbo 2.1.5 and libpng 1.6.39 from one 24 x 16 picture.</summary>
public sealed class ImageVectorTests
{
    private const string ProgressiveJpeg = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wgARCAAQABgDASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABAUA/8QAFgEBAQEAAAAAAAAAAAAAAAAAAwEF/9oADAMBAAIQAxAAAAGIlyxOdrOul//EABgQAAMBAQAAAAAAAAAAAAAAAAABAwIR/9oACAEBAAEFAlMUxSMzMzFjh//EABkRAAIDAQAAAAAAAAAAAAAAAAAEAQIDEf/aAAgBAwEBPwHJkozPD//EABkRAQACAwAAAAAAAAAAAAAAAAEAAgMREv/aAAgBAgEBPwGr1FxDpZ//xAAUEAEAAAAAAAAAAAAAAAAAAAAg/9oACAEBAAY/Al//xAAYEAEBAAMAAAAAAAAAAAAAAAAAYQEhQf/aAAgBAQABPyGSaSCLDxt//9oADAMBAAIAAwAAABCjH//EABgRAAIDAAAAAAAAAAAAAAAAAAABESFB/9oACAEDAQE/EItGKH//xAAYEQACAwAAAAAAAAAAAAAAAAAAATFxsf/aAAgBAgEBPxA86VN4j//EABgQAQEBAQEAAAAAAAAAAAAAAAAxASFR/9oACAEBAAE/EJkiRMmaGZ14f//Z";

    private const string BaselineJpeg = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAQABgDASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAABQYA/8QAHhAAAQQDAAMAAAAAAAAAAAAAAAMFIjEBAgQRElH/xAAWAQEBAQAAAAAAAAAAAAAAAAAEAgb/xAAgEQABAgUFAAAAAAAAAAAAAAACAAEDBAURIRITQXGx/9oADAMBAAIRAxEAPwCKQbqiIoNtRHeZuqIrzNlRBwj3UeUqVuVPINdRMWKfDqnnGPXzt8MUZyoFpMs9O/jLSwakTjhf/9k=";

    private const string InterlacedPng = "iVBORw0KGgoAAAANSUhEUgAAABgAAAAQCAIAAAH0QRhUAAAAvUlEQVQ4jaXQwQqCQBSF4X/sZtNkKSEhEeJyVtEDuPARfJwev4U1jqZDKXwLuZw54FFACy0IT6CBRlnvVr1v1FgyX/eggoejcrBDQq0h83WnAirHnWzfRUmOhAk1oCEJcKEM8jl+qIDbJGUCDR9CGYGEdaEYdIALmeDf9aHTaGlv8kHoPDPBOHSBYmQydB3udFekGNR6QglEsFnJFQls1/CLYtgtNirSsF/mu8jAYYHJogSO/5orOkH6A+u+X85BGyS89O1WAAAAAElFTkSuQmCC";

    [Fact]
    public void Progressive_and_baseline_jpeg_of_one_picture_decode_to_equal_pixels()
    {
        byte[] progressive = ImageCodecTests.Decode(Convert.FromBase64String(ProgressiveJpeg));
        Assert.Equal(24 * 16 * 3, progressive.Length);
        Assert.Equal(ImageCodecTests.Decode(Convert.FromBase64String(BaselineJpeg)), progressive);
        Assert.InRange(progressive.Zip(Picture(), (a, b) => Math.Abs(a - b)).Average(), 0.1, 12);
    }

    [Fact]
    public void Interlaced_png_decodes_to_its_exact_pixels()
    {
        Assert.Equal(Picture(), ImageCodecTests.Decode(Convert.FromBase64String(InterlacedPng)));
    }

    private static byte[] Picture() =>
        [.. from y in Enumerable.Range(0, 16) from x in Enumerable.Range(0, 24) from value in new[] { x * 10, y * 15, x * y % 256 } select (byte)value];
}
