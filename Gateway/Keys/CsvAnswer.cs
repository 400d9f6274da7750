using System.Globalization;
using System.Text;
using ComputeShare.Gateway.OpenAI;

namespace ComputeShare.Gateway.Keys;

/// <summary>Rows as RFC 4180 has them, for spreadsheets.</summary>
internal static class CsvAnswer
{
    private const string MediaType = "text/csv";

    /// <summary><c>format=csv</c>, or <c>Accept: text/csv</c>.</summary>
    /// <exception cref="RequestRefusedException">Another format is asked for.</exception>
    public static bool IsWanted(HttpRequest request) => request.Query["format"].ToString() switch
    {
        "csv" => true,
        "json" => false,
        "" => request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase)),
        _ => throw RequestRefusedException.For("format", "it must be json or csv"),
    };

    /// <param name="context">Whose answer.</param>
    /// <param name="fileName">What a browser keeps it as.</param>
    /// <param name="columns">Their names.</param>
    /// <param name="rows">Texts and numbers; null is empty.</param>
    /// <param name="isCut">There are more.</param>
    public static Task WriteAsync(HttpContext context, string fileName, string[] columns, IEnumerable<object?[]> rows, bool isCut)
    {
        var text = new StringBuilder();
        foreach (var row in rows.Prepend(columns))
        {
            text.AppendJoin(',', row.Select(Field)).Append("\r\n");
        }

        var response = context.Response;
        response.ContentType = MediaType + "; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition = $"attachment; filename={fileName}";
        if (isCut)
        {
            response.Headers["x-computeshare-cut"] = "true";
        }

        return response.WriteAsync(text.ToString(), context.RequestAborted);
    }

    private static string Field(object? value)
    {
        if (value is not string text)
        {
            return Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        }

        // A name that a spreadsheet would run as a formula is made a text.
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..] ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
