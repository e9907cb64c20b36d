using KnowledgePay.Contracts.Events;

namespace KnowledgePay.Server.Models;

/// <summary>Whose latest word on personalisation is no: nothing is learned from them.</summary>
internal sealed class PersonalisationRefusals
{
    private readonly HashSet<long> _refused = [];

    /// <summary>Hears what of an event concerns it; to be called for every event in its order.</summary>
    public void Hear(long stream, EventData data)
    {
        if (data is ConsentChanged changed)
        {
            if (changed.Consent.Personalisation)
            {
                _refused.Remove(stream);
            }
            else
            {
                _refused.Add(stream);
            }
        }
    }

    public bool Has(long stream) => _refused.Contains(stream);
}
