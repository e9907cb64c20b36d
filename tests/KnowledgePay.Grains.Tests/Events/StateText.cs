using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using Orleans;

namespace KnowledgePay.Grains.Tests.Events;

/// <summary>Everything of a state that is stored, member by member, as text: equal texts, equal states. (Snapshot bytes also tell which strings are one object.)</summary>
public static class StateText
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    public static string Of(object state)
    {
        var text = new StringBuilder();
        Write(text, "", state);
        return text.ToString();
    }

    private static void Write(StringBuilder text, string path, object? value)
    {
        MemberInfo[] members = value is null
            ? []
            : [.. value.GetType().GetMembers(All).Where(m => m is FieldInfo or PropertyInfo && m.GetCustomAttribute<IdAttribute>() is not null).OrderBy(m => m.Name, StringComparer.Ordinal)];
        if (members.Length > 0)
        {
            foreach (MemberInfo member in members)
            {
                Write(text, path + "/" + member.Name, member is FieldInfo field ? field.GetValue(value) : ((PropertyInfo)member).GetValue(value));
            }
        }
        else if (value is IEnumerable items and not string)
        {
            int index = 0;
            foreach (object? item in items)
            {
                Write(text, $"{path}/{index++}", item);
            }
        }
        else
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{path} = {value}");
        }
    }
}
