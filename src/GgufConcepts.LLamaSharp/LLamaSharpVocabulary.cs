using System.Text;
using GgufConcepts.Native;
using LLama.Native;

namespace GgufConcepts.LLamaSharp;

/// <summary>A model's tokens by LLamaSharp.</summary>
internal sealed class LLamaSharpVocabulary : IVocabulary
{
    private readonly SafeLlamaModelHandle _model;

    public LLamaSharpVocabulary(SafeLlamaModelHandle model)
    {
        _model = model;
        Count = model.Vocab.Count;
        BeginOfText = (int)(model.Vocab.BOS ?? LLamaToken.InvalidToken);
        AddsBeginOfText = model.Vocab.ShouldAddBOS;
        AddsSpacePrefix = model.Vocab.Type == LLamaVocabType.SentencePiece;
    }

    public int Count { get; }

    public int BeginOfText { get; }

    public bool AddsBeginOfText { get; }

    public bool AddsSpacePrefix { get; }

    public bool IsEndOfGeneration(int id) => Checked(id).IsEndOfGeneration(_model.Vocab);

    public bool IsControl(int id) => Checked(id).IsControl(_model.Vocab);

    public int[] FindMarkers()
    {
        List<int> ids = [];
        for (int id = 0; id < Count; id++)
        {
            if (IsControl(id) || IsEndOfGeneration(id))
            {
                ids.Add(id);
            }
        }

        return [.. ids];
    }

    public int[] Tokenize(string text, bool parseSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);
        LLamaToken[] tokens = _model.Tokenize(text, addBos: false, parseSpecial, Encoding.UTF8);
        return Array.ConvertAll(tokens, token => (int)token);
    }

    public byte[] Piece(int id, bool special)
    {
        LLamaToken token = Checked(id);
        byte[] piece = new byte[32];
        int length = (int)_model.TokenToSpan(token, piece, special: special);
        if (length > piece.Length)
        {
            piece = new byte[length];
            _model.TokenToSpan(token, piece, special: special);
        }

        return piece[..length];
    }

    public string Detokenize(ReadOnlySpan<int> ids, bool special)
    {
        foreach (int id in ids)
        {
            Checked(id, nameof(ids));
        }

        return ids.IsEmpty ? "" : LLamaSharpLibrary.Detokenize(_model, ids, special);
    }

    private LLamaToken Checked(int id, string parameter = "id") => (uint)id < (uint)Count
        ? id
        : throw new ArgumentOutOfRangeException(parameter, id, $"The vocabulary has tokens 0 to {Count - 1}.");
}
