using System.Text;

namespace GgufConcepts.Evaluation;

/// <summary>A table in GitHub's Markdown.</summary>
internal static class MarkdownTable
{
    /// <summary>Writes it, columns padded so that it can be read as it stands.</summary>
    /// <param name="columns">Headings, and whether a column holds numbers, which stand to the right.</param>
    /// <param name="rows">Cells, as many as there are columns.</param>
    public static string Write(
        IReadOnlyList<(string Heading, bool IsNumber)> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        string[][] cells = [.. rows.Select(row => row.Select(Escape).ToArray())];
        int[] widths = [.. columns.Select(
            (column, i) => Math.Max(Math.Max(3, column.Heading.Length), cells.Max(row => row[i].Length)))];
        StringBuilder table = new();
        Line(columns.Select((column, i) => Pad(column.Heading, i)));
        Line(columns.Select(
            (column, i) => column.IsNumber ? new string('-', widths[i] - 1) + ":" : new string('-', widths[i])));
        foreach (string[] row in cells)
        {
            Line(row.Select(Pad));
        }

        return table.ToString();

        void Line(IEnumerable<string> parts) => table.Append("| ").AppendJoin(" | ", parts).Append(" |\n");

        string Pad(string cell, int column) =>
            columns[column].IsNumber ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]);
    }

    /// <summary>A text that stays in its cell, and as it is.</summary>
    public static string Escape(string text)
    {
        string line = text.ReplaceLineEndings(" ");
        StringBuilder escaped = new();
        for (int i = 0; i < line.Length; i++)
        {
            bool opensTag = line[i] == '<' && i + 1 < line.Length && line[i + 1] != ' ';
            escaped.Append(opensTag || line[i] is '|' or '\\' or '`' or '*' or '_' or '[' ? "\\" : "").Append(line[i]);
        }

        return escaped.ToString();
    }
}
