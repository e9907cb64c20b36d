using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.ModelFiles;

namespace KnowledgePay.Learning.Ratings;

/// <summary>Predicted ratings with the ids of the users.</summary>
public sealed record RatingModel(IdTable Users, RatingPosterior Posterior)
{
    internal void Write(BinaryWriter writer)
    {
        writer.WriteTexts(Users.Ids);
        writer.Write(Posterior.Items);
        writer.Write(Posterior.Dimensions);
        writer.Write(Posterior.Least);
        writer.Write(Posterior.Greatest);
        writer.Write(Posterior.Draws.Length);
        foreach (RatingDraw draw in Posterior.Draws)
        {
            writer.Write(draw.Mean);
            writer.WriteArray<float>(draw.UserRows);
            writer.WriteArray<float>(draw.ItemRows);
        }
    }

    internal static RatingModel Read(BinaryReader reader)
    {
        var users = new IdTable(reader.ReadTexts());
        int items = reader.ReadInt32(), dimensions = reader.ReadInt32();
        float least = reader.ReadSingle(), greatest = reader.ReadSingle();
        int count = reader.ReadInt32();
        var draws = new List<RatingDraw>();
        for (int k = 0; k < count; k++)
        {
            draws.Add(new RatingDraw(reader.ReadSingle(), reader.ReadArray<float>(), reader.ReadArray<float>()));
        }

        return new RatingModel(users, new RatingPosterior(users.Count, items, dimensions, least, greatest, [.. draws]));
    }
}
