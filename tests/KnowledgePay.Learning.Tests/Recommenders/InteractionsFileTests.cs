using System.IO.Compression;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Tests.Recommenders;

public sealed class InteractionsFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kpi-").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    private string File(string text, string name = "i.csv")
    {
        string path = Path.Combine(_directory, name);
        if (name.EndsWith(".gz", StringComparison.Ordinal))
        {
            using var gzip = new GZipStream(System.IO.File.Create(path), CompressionLevel.Fastest);
            gzip.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }
        else
        {
            System.IO.File.WriteAllText(path, text);
        }

        return path;
    }

    [Fact]
    public void Rows_in_any_order_become_histories_in_time_with_each_item_once()
    {
        InteractionSet set = InteractionsFile.Read(File("user,item,rating,timestamp\na,x,5,300\nb,x,1,50\na,y,4,100\na,x,2,200\na,z,3,2001-09-09T01:46:40Z\n", "i.csv.gz"));
        Assert.Equal(["a", "b"], set.Users.Ids);
        Assert.Equal(["x", "y", "z"], set.Items.Ids);
        Assert.Equal([(1, 4f), (0, 5f), (2, 3f)], set.Matrix.Row(0).ToArray().Select(entry => (entry.Item, entry.Rating)));
        Assert.Equal(1_000_000_000_000, set.Matrix.Row(0)[2].Time);
        Assert.Equal(1, set.Quality.Duplicates);
        Assert.Equal(1, set.Quality.OutOfOrder);
        Assert.Equal(4, set.Quality.Pairs);
        Assert.Equal(5, set.Quality.Rows);
    }

    [Fact]
    public void A_rating_off_the_scale_is_left_out_and_counted_with_its_line()
    {
        string rows = string.Concat(Enumerable.Range(0, 30).Select(k => $"u{k},i,{1 + (k % 5)}\n"));
        InteractionSet set = InteractionsFile.Read(File($"user,item,rating\n{rows}u1,j,99\nu2,j,-3\nu3,j,\n"));
        Assert.Equal(2, set.Quality.RatingsOffScale);
        Assert.Equal(32, set.Quality.FirstLineOffScale);
        Assert.Equal(new RatingScale(1, 5), set.Quality.Scale);
        Assert.Equal(1, set.Quality.MissingRatings);
        Assert.Equal(31, set.Matrix.Count);
        Assert.Single(set.Quality.Warnings);
    }

    [Fact]
    public void A_scale_that_is_given_counts()
    {
        InteractionSet set = InteractionsFile.Read(File("user,item,rating\na,x,1\na,y,7\n"), scale: new RatingScale(1, 5));
        Assert.Equal(1, set.Quality.RatingsOffScale);
    }

    [Theory]
    [InlineData("user,item\n,x\n", ":2:1: the user is missing")]
    [InlineData("user,item\na,NA\n", ":2:3: the item is missing")]
    [InlineData("user,item,rating\na,x,good\n", ":2:5: rating 'good'")]
    [InlineData("user,item,timestamp\na,x,yesterday\n", ":2:5: timestamp 'yesterday'")]
    [InlineData("user,course\na,x\n", ":1:1: there is no column 'item'")]
    [InlineData("user,item\na\n", ":2:1: the record has 1 fields")]
    [InlineData("user,item\n", "the file has no interactions")]
    [InlineData("", ":1:1: the file is empty")]
    public void What_cannot_be_read_is_refused_with_its_place(string text, string expected)
    {
        string path = File(text);
        InputException refused = Assert.Throws<InputException>(() => InteractionsFile.Read(path));
        Assert.StartsWith(path, refused.Message, StringComparison.Ordinal);
        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_is_read_with_the_items_of_the_model_and_others_are_counted()
    {
        InteractionSet set = InteractionsFile.Read(File("user,item\na,x\na,new\nb,new\n"), new IdTable(["x", "y"]));
        Assert.Equal(2, set.Quality.UnknownItems);
        Assert.Equal(2, set.Users.Count);
        Assert.Equal(0, set.Matrix.RowLength(1));
        Assert.Equal(2, set.Matrix.Items);
    }
}
