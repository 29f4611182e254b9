namespace GgufConcepts.Mixing;

/// <summary>How one storage type turns into floats: the numbers of ggml's <c>to_float</c>, to the bit.</summary>
internal unsafe interface IStored
{
    /// <summary>One number: plain, for tails and processors without vectors.</summary>
    static abstract float At(byte* row, nuint column);
}

/// <summary>The same for vectors of one width.</summary>
internal unsafe interface IStored<TVector> : IStored
    where TVector : struct
{
    /// <summary>Four vectors abreast.</summary>
    /// <param name="row">Where the stored row begins, at any alignment.</param>
    /// <param name="column">The first number wanted; a multiple of four vectors.</param>
    /// <param name="a">The first vector; the others follow.</param>
    /// <param name="b">The second.</param>
    /// <param name="c">The third.</param>
    /// <param name="d">The fourth.</param>
    static abstract void Read(
        byte* row, nuint column, out TVector a, out TVector b, out TVector c, out TVector d);
}

/// <summary>All widths of one storage type.</summary>
internal interface IStoredType :
    IStored<System.Runtime.Intrinsics.Vector512<float>>,
    IStored<System.Runtime.Intrinsics.Vector256<float>>,
    IStored<System.Runtime.Intrinsics.Vector128<float>>;
