namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The cheapest one-to-one assignment of rows to columns: shortest augmenting paths (Jonker and Volgenant 1987), O(n²m).</summary>
public static class Assignment
{
    /// <summary>Solves it.</summary>
    /// <param name="cost">[rows, columns], finite, with at most as many rows as columns.</param>
    /// <returns>The column of each row.</returns>
    /// <exception cref="ArgumentException">More rows than columns.</exception>
    public static int[] Solve(double[,] cost)
    {
        ArgumentNullException.ThrowIfNull(cost);
        int rows = cost.GetLength(0);
        int columns = cost.GetLength(1);
        if (rows > columns)
        {
            throw new ArgumentException($"{rows} rows cannot get different columns out of {columns}.", nameof(cost));
        }

        var rowPrice = new double[rows + 1];
        var columnPrice = new double[columns + 1];
        var rowOf = new int[columns + 1]; // 0 = free; rows and columns count from 1
        var previous = new int[columns + 1];
        for (int row = 1; row <= rows; row++)
        {
            rowOf[0] = row;
            int column = 0;
            double[] slack = [.. Enumerable.Repeat(double.PositiveInfinity, columns + 1)];
            var visited = new bool[columns + 1];
            do
            {
                visited[column] = true;
                int from = rowOf[column];
                double least = double.PositiveInfinity;
                int next = 0;
                for (int j = 1; j <= columns; j++)
                {
                    if (visited[j])
                    {
                        continue;
                    }

                    double reduced = cost[from - 1, j - 1] - rowPrice[from] - columnPrice[j];
                    if (reduced < slack[j])
                    {
                        (slack[j], previous[j]) = (reduced, column);
                    }

                    if (slack[j] < least)
                    {
                        (least, next) = (slack[j], j);
                    }
                }

                for (int j = 0; j <= columns; j++)
                {
                    if (visited[j])
                    {
                        rowPrice[rowOf[j]] += least;
                        columnPrice[j] -= least;
                    }
                    else
                    {
                        slack[j] -= least;
                    }
                }

                column = next;
            }
            while (rowOf[column] != 0);
            while (column != 0)
            {
                rowOf[column] = rowOf[previous[column]];
                column = previous[column];
            }
        }

        var result = new int[rows];
        for (int j = 1; j <= columns; j++)
        {
            if (rowOf[j] > 0)
            {
                result[rowOf[j] - 1] = j - 1;
            }
        }

        return result;
    }
}
