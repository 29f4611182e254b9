using GgufConcepts.Decoding;
using GgufConcepts.Testing;

namespace GgufConcepts.Tests.Decoding;

/// <summary>Sequences: going back, forking, and several of them in one step.</summary>
public abstract partial class DecoderContract
{
    [Theory, MemberData(nameof(Rewinding))]
    public void TryRewind_FeedAgain_EqualsFreshRun(TinyArchitecture kind)
    {
        using IDecoder rewound = Open(kind);
        rewound.Feed(0, s_prompt, Outputs.None, Token);
        rewound.Feed(0, [8, 9, 10, 11], Outputs.Logits, Token);
        Assert.True(rewound.TryRewind(0, s_prompt.Length));
        Assert.Equal(s_prompt.Length, rewound.Position(0));
        rewound.Feed(0, [31, 280], Outputs.Logits, Token);

        using IDecoder fresh = Open(kind);
        fresh.Feed(0, s_prompt, Outputs.None, Token);
        fresh.Feed(0, [31, 280], Outputs.Logits, Token);
        Assert.Equal(fresh.Logits().ToArray(), rewound.Logits().ToArray());
    }

    [Theory, MemberData(nameof(Rewinding))]
    public void TryRewind_IntoABatch_EqualsFreshRun(TinyArchitecture kind)
    {
        using IDecoder rewound = Open(kind);
        rewound.Feed(0, s_prompt, Outputs.None, Token);
        Assert.True(rewound.TryRewind(0, 3));
        rewound.Feed(0, [31, 280], Outputs.Logits, Token);

        using IDecoder fresh = Open(kind);
        fresh.Feed(0, s_prompt.AsSpan(0, 3), Outputs.None, Token);
        fresh.Feed(0, [31, 280], Outputs.Logits, Token);
        AssertClose(fresh.Logits(), rewound.Logits(), OtherShapes);
    }

    [Theory, MemberData(nameof(Recurrent))]
    public void TryRewind_OfAState_IsRefusedAndChangesNothing(TinyArchitecture kind)
    {
        using IDecoder refused = Open(kind, sequences: 2);
        refused.Feed(0, s_prompt, Outputs.None, Token);
        Assert.False(refused.TryRewind(0, s_prompt.Length - 1));
        Assert.False(refused.TryRewind(0, 2));
        Assert.True(refused.TryRewind(0, s_prompt.Length)); // where it is already
        Assert.Equal(s_prompt.Length, refused.Position(0));
        refused.Feed(0, [31], Outputs.Logits, Token);
        AssertSame(Alone(kind, [31]), [refused.Logits().ToArray()]);
    }

    [Theory, MemberData(nameof(Recurrent))]
    public void Fork_BackFromACopy_StandsInForRewinding(TinyArchitecture kind)
    {
        using IDecoder decoder = Open(kind, sequences: 2);
        decoder.Feed(0, s_prompt, Outputs.None, Token);
        decoder.Fork(0, 1);
        decoder.Feed(0, [200, 201, 202, 203, 204, 205], Outputs.Logits, Token);
        decoder.Fork(1, 0);
        Assert.Equal(s_prompt.Length, decoder.Position(0));
        decoder.Feed(0, [31], Outputs.Logits, Token);
        AssertSame(Alone(kind, [31]), [decoder.Logits().ToArray()]);
    }

    [Theory, MemberData(nameof(Architectures))]
    public void TryRewind_ToTheStart_ForgetsEverything(TinyArchitecture kind)
    {
        using IDecoder cleared = Open(kind);
        cleared.Feed(0, Rows(kind, 8, 9, 10), Outputs.Logits, Token);
        Assert.True(cleared.TryRewind(0, 0));
        Assert.Equal(0, cleared.Position(0));
        cleared.Feed(0, s_prompt, Outputs.Logits, Token);

        using IDecoder fresh = Open(kind);
        fresh.Feed(0, s_prompt, Outputs.Logits, Token);
        Assert.Equal(fresh.Logits().ToArray(), cleared.Logits().ToArray());
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Fork_ThenDiverge_EqualsTwoRuns(TinyArchitecture kind)
    {
        using IDecoder forked = Open(kind, sequences: 3);
        forked.Feed(2, [1, 2, 3], Outputs.None, Token); // forgotten by the fork
        forked.Feed(0, s_prompt, Outputs.Logits, Token);
        forked.Fork(0, 2);
        Assert.Equal((s_prompt.Length, s_prompt.Length), (forked.Position(0), forked.Position(2)));

        float[][] first = Continue(0, [31, 280, 8]);
        float[][] second = Continue(2, [99, 17, 40]);
        AssertSame(Alone(kind, [31, 280, 8]), first);
        AssertSame(Alone(kind, [99, 17, 40]), second);
        Assert.True(first[2].Zip(second[2], (a, b) => Math.Abs(a - b)).Max() > WrongRow);

        float[][] Continue(int sequence, int[] tokens) => [.. tokens.Select(id =>
        {
            forked.Feed(sequence, [id], Outputs.Logits, Token);
            return forked.Logits().ToArray();
        })];
    }

    [Theory, MemberData(nameof(Rewinding))]
    public void Fork_OriginalRewoundAndChanged_CopyStays(TinyArchitecture kind)
    {
        using IDecoder decoder = Open(kind, sequences: 2);
        decoder.Feed(0, s_prompt, Outputs.None, Token);
        decoder.Fork(0, 1);
        Assert.True(decoder.TryRewind(0, 2));
        decoder.Feed(0, [200, 201, 202, 203, 204, 205], Outputs.Logits, Token);
        decoder.Feed(1, [31], Outputs.Logits, Token);
        AssertSame(Alone(kind, [31]), [decoder.Logits().ToArray()]);
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Fork_OfAnEmptySequence_ClearsTheTarget(TinyArchitecture kind)
    {
        using IDecoder decoder = Open(kind, sequences: 2);
        decoder.Feed(1, [1, 2, 3], Outputs.None, Token);
        decoder.Fork(0, 1);
        Assert.Equal(0, decoder.Position(1));
        decoder.Feed(1, s_prompt, Outputs.None, Token);
        decoder.Feed(1, [31], Outputs.Logits, Token);
        AssertSame(Alone(kind, [31]), [decoder.Logits().ToArray()]);
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Step_SeveralSequences_EqualsRunsOfOne(TinyArchitecture kind)
    {
        int[] sequences = [2, 0, 3]; // sequence 1 stays as it is
        int[][] continuations = [[31, 280, 8], [99, 17, 40], [260, 261, 262]];
        using IDecoder decoder = Open(kind, sequences: 4);
        foreach (int sequence in (int[])[0, 1, 2, 3])
        {
            decoder.Feed(sequence, s_prompt, Outputs.None, Token);
        }

        float[][][] alone = [.. continuations.Select(tokens => Alone(kind, tokens))];
        for (int step = 0; step < 3; step++)
        {
            int[] row = [.. continuations.Select(tokens => tokens[step])];
            if (step == 1)
            {
                Outputs hidden = TinyDesigns.Of(kind).LacksLogitsBesideHidden ? Outputs.None : Outputs.Hidden;
                decoder.Step(sequences, Rows(kind, row), Outputs.Logits | hidden, Token);
            }
            else
            {
                decoder.Step(sequences, row, Outputs.Logits, Token);
            }

            Assert.Equal(3, decoder.OutputCount);
            for (int i = 0; i < 3; i++)
            {
                AssertClose(alone[i][step], decoder.Logits(i), OtherShapes);
                Assert.Equal(s_prompt.Length + step + 1, decoder.Position(sequences[i]));
            }
        }

        Assert.Equal(s_prompt.Length, decoder.Position(1));
    }

    [Theory, MemberData(nameof(Architectures))]
    public void Step_OrderOfSequences_ChangesNoRun(TinyArchitecture kind)
    {
        float[][] Run(int[] sequences, int[] tokens)
        {
            using IDecoder decoder = Open(kind, sequences: 2);
            decoder.Feed(0, s_prompt, Outputs.None, Token);
            decoder.Fork(0, 1);
            decoder.Step(sequences, tokens, Outputs.Logits, Token);
            return [decoder.Logits(0).ToArray(), decoder.Logits(1).ToArray()];
        }

        float[][] forwards = Run([0, 1], [31, 99]);
        float[][] backwards = Run([1, 0], [99, 31]);
        AssertClose(forwards[0], backwards[1], OtherShapes);
        AssertClose(forwards[1], backwards[0], OtherShapes);
    }
}
