using KnowledgePay.Decisions.Scoring;

namespace KnowledgePay.Learning.Risk;

/// <summary>Trees as bytes, little-endian: codings, roots, nodes, sets, intercept. Its version is that of the model around it.</summary>
internal static class TreeEnsembleFormat
{
    public static void Write(BinaryWriter writer, TreeEnsemble ensemble)
    {
        writer.Write(ensemble.Codings.Count);
        foreach (FeatureCoding coding in ensemble.Codings)
        {
            writer.Write(coding.LevelCodes.Length);
            writer.Write(coding.LevelCodes);
            writer.Write(coding.UnseenCode);
            writer.Write(coding.Bounds.Length);
            foreach (double bound in coding.Bounds)
            {
                writer.Write(bound);
            }
        }

        writer.Write(ensemble.Roots.Count);
        foreach (int root in ensemble.Roots)
        {
            writer.Write(root);
        }

        writer.Write(ensemble.Nodes.Count);
        foreach (TreeNode node in ensemble.Nodes)
        {
            writer.Write(node.Feature);
            writer.Write(node.Threshold);
            writer.Write(node.MissingLeft);
            writer.Write(node.CategorySet);
            writer.Write(node.Left);
            writer.Write(node.Value);
            writer.Write(node.Cover);
        }

        writer.Write(ensemble.CategorySets.Count);
        foreach (CodeSet set in ensemble.CategorySets)
        {
            for (int word = 0; word < 4; word++)
            {
                writer.Write(set[word]);
            }
        }

        writer.Write(ensemble.Intercept);
    }

    public static TreeEnsemble Read(BinaryReader reader)
    {
        var codings = new FeatureCoding[Count(reader)];
        for (int i = 0; i < codings.Length; i++)
        {
            byte[] levels = reader.ReadBytes(Count(reader));
            byte unseen = reader.ReadByte();
            var bounds = new double[Count(reader)];
            for (int k = 0; k < bounds.Length; k++)
            {
                bounds[k] = reader.ReadDouble();
            }

            codings[i] = levels.Length > 0 ? FeatureCoding.OfCategory(levels, unseen) : FeatureCoding.OfNumber(bounds);
        }

        var roots = new int[Count(reader)];
        for (int i = 0; i < roots.Length; i++)
        {
            roots[i] = reader.ReadInt32();
        }

        var nodes = new TreeNode[Count(reader)];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = new TreeNode(
                reader.ReadInt16(), reader.ReadByte(), reader.ReadBoolean(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble());
        }

        var sets = new CodeSet[Count(reader)];
        for (int i = 0; i < sets.Length; i++)
        {
            for (int word = 0; word < 4; word++)
            {
                sets[i][word] = reader.ReadUInt64();
            }
        }

        return new TreeEnsemble(codings, roots, nodes, sets, reader.ReadDouble());
    }

    /// <summary>A count that what is left of the stream can hold: a damaged one reserves nothing.</summary>
    private static int Count(BinaryReader reader)
    {
        int count = reader.ReadInt32();
        return count >= 0 && count <= reader.BaseStream.Length - reader.BaseStream.Position
            ? count
            : throw new ArgumentException($"a count of {count} is more than the file holds.");
    }
}
