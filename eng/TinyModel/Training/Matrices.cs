using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace ComputeShare.TinyModel.Training;

/// <summary>
/// The products that training spends its time in. Each element of a result is summed in one order, by fused multiply-add, whatever
/// the CPU's vectors are and however the work is shared: the same numbers everywhere.
/// </summary>
internal static class Matrices
{
    /// <summary>Widths must be multiples of this.</summary>
    public const int Lanes = 16;

    /// <summary>Heights of results must be multiples of this.</summary>
    public const int TileRows = 4;

    private const int TileColumns = 4 * Lanes;

    /// <summary>result (rows × columns) = left (rows × inner) × right (inner × columns).</summary>
    public static void Multiply(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> result, int rows, int inner, int columns) =>
        Run(left, inner, 1, right, result, rows, inner, columns, add: false);

    /// <summary>result += left × right.</summary>
    public static void MultiplyAdd(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> result, int rows, int inner, int columns) =>
        Run(left, inner, 1, right, result, rows, inner, columns, add: true);

    /// <summary>result (rows × columns) += leftᵀ × right, where left is inner × rows.</summary>
    public static void MultiplyAddTransposed(ReadOnlySpan<float> left, ReadOnlySpan<float> right, Span<float> result, int rows, int inner, int columns) =>
        Run(left, 1, rows, right, result, rows, inner, columns, add: true);

    /// <summary>result (columns × rows) = matrixᵀ.</summary>
    public static void Transpose(ReadOnlySpan<float> matrix, Span<float> result, int rows, int columns)
    {
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                result[(column * rows) + row] = matrix[(row * columns) + column];
            }
        }
    }

    /// <summary>The sum of products of two vectors whose length is a multiple of <see cref="Lanes"/>.</summary>
    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ref var a = ref MemoryMarshal.GetReference(left);
        ref var b = ref MemoryMarshal.GetReference(right[..left.Length]);
        var sum = Vector512<float>.Zero;
        for (nuint i = 0; i < (nuint)left.Length; i += Lanes)
        {
            sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref a, i), Vector512.LoadUnsafe(ref b, i), sum);
        }

        return Vector512.Sum(sum);
    }

    /// <summary>target += scale × values; lengths as for <see cref="Dot"/>.</summary>
    public static void AddScaled(Span<float> target, ReadOnlySpan<float> values, float scale)
    {
        ref var a = ref MemoryMarshal.GetReference(target);
        ref var b = ref MemoryMarshal.GetReference(values[..target.Length]);
        var factor = Vector512.Create(scale);
        for (nuint i = 0; i < (nuint)target.Length; i += Lanes)
        {
            Vector512.FusedMultiplyAdd(factor, Vector512.LoadUnsafe(ref b, i), Vector512.LoadUnsafe(ref a, i)).StoreUnsafe(ref a, i);
        }
    }

    private static void Run(
        ReadOnlySpan<float> left, int rowStep, int innerStep, ReadOnlySpan<float> right, Span<float> result, int rows, int inner, int columns, bool add)
    {
        if (rows % TileRows != 0 || columns % Lanes != 0)
        {
            throw new ArgumentException($"A result of {rows} × {columns} does not fit the tiles of {TileRows} × {Lanes}.");
        }

        ref var a = ref MemoryMarshal.GetReference(left[..(rows * inner)]);
        ref var b = ref MemoryMarshal.GetReference(right[..(inner * columns)]);
        ref var c = ref MemoryMarshal.GetReference(result[..(rows * columns)]);
        var column = 0;
        for (; column + TileColumns <= columns; column += TileColumns)
        {
            for (var row = 0; row < rows; row += TileRows)
            {
                WideTile(ref Unsafe.Add(ref a, row * rowStep), rowStep, innerStep, ref Unsafe.Add(ref b, column), ref Unsafe.Add(ref c, (row * columns) + column), inner, columns, add);
            }
        }

        for (; column < columns; column += Lanes)
        {
            for (var row = 0; row < rows; row += TileRows)
            {
                NarrowTile(ref Unsafe.Add(ref a, row * rowStep), rowStep, innerStep, ref Unsafe.Add(ref b, column), ref Unsafe.Add(ref c, (row * columns) + column), inner, columns, add);
            }
        }
    }

    // Sixteen sums stay in registers: eight loads for sixteen multiply-adds. The arrays' ends are the caller's business.
    private static void WideTile(ref float a, int rowStep, int innerStep, ref float b, ref float c, int inner, int columns, bool add)
    {
        Vector512<float> c00 = default, c01 = default, c02 = default, c03 = default;
        Vector512<float> c10 = default, c11 = default, c12 = default, c13 = default;
        Vector512<float> c20 = default, c21 = default, c22 = default, c23 = default;
        Vector512<float> c30 = default, c31 = default, c32 = default, c33 = default;
        for (var i = 0; i < inner; i++)
        {
            var (b0, b1, b2, b3) = (Vector512.LoadUnsafe(ref b), Vector512.LoadUnsafe(ref b, Lanes), Vector512.LoadUnsafe(ref b, 2 * Lanes), Vector512.LoadUnsafe(ref b, 3 * Lanes));
            var x = Vector512.Create(a);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            c02 = Vector512.FusedMultiplyAdd(x, b2, c02);
            c03 = Vector512.FusedMultiplyAdd(x, b3, c03);
            x = Vector512.Create(Unsafe.Add(ref a, rowStep));
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            c12 = Vector512.FusedMultiplyAdd(x, b2, c12);
            c13 = Vector512.FusedMultiplyAdd(x, b3, c13);
            x = Vector512.Create(Unsafe.Add(ref a, 2 * rowStep));
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            c22 = Vector512.FusedMultiplyAdd(x, b2, c22);
            c23 = Vector512.FusedMultiplyAdd(x, b3, c23);
            x = Vector512.Create(Unsafe.Add(ref a, 3 * rowStep));
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
            c32 = Vector512.FusedMultiplyAdd(x, b2, c32);
            c33 = Vector512.FusedMultiplyAdd(x, b3, c33);
            a = ref Unsafe.Add(ref a, innerStep);
            b = ref Unsafe.Add(ref b, columns);
        }

        StoreRow(ref c, c00, c01, c02, c03, add);
        StoreRow(ref Unsafe.Add(ref c, columns), c10, c11, c12, c13, add);
        StoreRow(ref Unsafe.Add(ref c, 2 * columns), c20, c21, c22, c23, add);
        StoreRow(ref Unsafe.Add(ref c, 3 * columns), c30, c31, c32, c33, add);
    }

    private static void NarrowTile(ref float a, int rowStep, int innerStep, ref float b, ref float c, int inner, int columns, bool add)
    {
        Vector512<float> c0 = default, c1 = default, c2 = default, c3 = default;
        for (var i = 0; i < inner; i++)
        {
            var b0 = Vector512.LoadUnsafe(ref b);
            c0 = Vector512.FusedMultiplyAdd(Vector512.Create(a), b0, c0);
            c1 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref a, rowStep)), b0, c1);
            c2 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref a, 2 * rowStep)), b0, c2);
            c3 = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref a, 3 * rowStep)), b0, c3);
            a = ref Unsafe.Add(ref a, innerStep);
            b = ref Unsafe.Add(ref b, columns);
        }

        Store(ref c, c0, add);
        Store(ref Unsafe.Add(ref c, columns), c1, add);
        Store(ref Unsafe.Add(ref c, 2 * columns), c2, add);
        Store(ref Unsafe.Add(ref c, 3 * columns), c3, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow(ref float c, Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3, bool add)
    {
        Store(ref c, v0, add);
        Store(ref Unsafe.Add(ref c, Lanes), v1, add);
        Store(ref Unsafe.Add(ref c, 2 * Lanes), v2, add);
        Store(ref Unsafe.Add(ref c, 3 * Lanes), v3, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(ref float c, Vector512<float> value, bool add) =>
        (add ? value + Vector512.LoadUnsafe(ref c) : value).StoreUnsafe(ref c);
}
