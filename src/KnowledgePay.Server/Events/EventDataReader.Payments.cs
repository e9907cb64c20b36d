using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Events;
using KnowledgePay.Server.Requests;

namespace KnowledgePay.Server.Events;

public static partial class EventDataReader
{
    private static PaymentAttempted? Attempted(ref Utf8JsonReader reader, RequestErrors errors)
    {
        string? payment = null, method = null, device = null, network = null;
        Money? amount = null;
        PaymentOutcome? outcome = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("paymentId"u8)) payment = JsonFields.Text(ref reader, errors, "/paymentId", LongestReference);
            else if (reader.ValueTextEquals("amount"u8)) amount = MoneyField.Read(ref reader, errors, "/amount");
            else if (reader.ValueTextEquals("method"u8)) method = JsonFields.Text(ref reader, errors, "/method", LongestLabel);
            else if (reader.ValueTextEquals("deviceId"u8)) device = JsonFields.Text(ref reader, errors, "/deviceId", LongestReference);
            else if (reader.ValueTextEquals("network"u8)) network = JsonFields.Text(ref reader, errors, "/network", LongestLabel);
            else if (reader.ValueTextEquals("outcome"u8)) outcome = Outcome(ref reader, errors);
            else JsonFields.Skip(ref reader);
        }

        if (payment is null) errors.Require("/paymentId");
        if (amount is null) errors.Require("/amount");
        if (method is null) errors.Require("/method");
        if (outcome is null) errors.Require("/outcome");
        return errors.Count != before ? null : new PaymentAttempted
        {
            PaymentId = payment!,
            Amount = amount!.Value,
            Method = method!,
            DeviceId = device,
            Network = network,
            Outcome = outcome!.Value,
        };
    }

    private static PaymentOutcome? Outcome(ref Utf8JsonReader reader, RequestErrors errors)
    {
        switch (JsonFields.Text(ref reader, errors, "/outcome", LongestLabel))
        {
            case "succeeded": return PaymentOutcome.Succeeded;
            case "failed": return PaymentOutcome.Failed;
            case "abandoned": return PaymentOutcome.Abandoned;
            case null: return null;
            default: errors.Add("/outcome", "must be succeeded, failed or abandoned."); return null;
        }
    }

    private static EventData? Returned(EventKind kind, ref Utf8JsonReader reader, RequestErrors errors)
    {
        string? payment = null, reason = null;
        Money? amount = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("paymentId"u8)) payment = JsonFields.Text(ref reader, errors, "/paymentId", LongestReference);
            else if (reader.ValueTextEquals("amount"u8)) amount = MoneyField.Read(ref reader, errors, "/amount");
            else if (reader.ValueTextEquals("reason"u8)) reason = JsonFields.Text(ref reader, errors, "/reason", LongestReason, 0);
            else JsonFields.Skip(ref reader);
        }

        if (payment is null) errors.Require("/paymentId");
        if (amount is null) errors.Require("/amount");
        if (errors.Count != before)
        {
            return null;
        }

        return kind == EventKind.PaymentRefunded
            ? new PaymentRefunded { PaymentId = payment!, Amount = amount!.Value, Reason = reason }
            : new PaymentChargedBack { PaymentId = payment!, Amount = amount!.Value, Reason = reason };
    }

    private static LoanEvent? Loan(EventKind kind, ref Utf8JsonReader reader, RequestErrors errors)
    {
        string? loan = null;
        Money? amount = null;
        long? days = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("loanId"u8)) loan = JsonFields.Text(ref reader, errors, "/loanId", LongestReference);
            else if (reader.ValueTextEquals("amount"u8)) amount = MoneyField.Read(ref reader, errors, "/amount");
            else if (reader.ValueTextEquals("daysLate"u8)) days = JsonFields.Whole(ref reader, errors, "/daysLate", 0, LongestDaysLate);
            else JsonFields.Skip(ref reader);
        }

        if (loan is null) errors.Require("/loanId");
        if (amount is null) errors.Require("/amount");
        if (errors.Count != before)
        {
            return null;
        }

        int? late = (int?)days;
        return kind switch
        {
            EventKind.LoanInstallmentPaid => new LoanInstallmentPaid { LoanId = loan!, Amount = amount!.Value, DaysLate = late },
            EventKind.LoanInstallmentMissed => new LoanInstallmentMissed { LoanId = loan!, Amount = amount!.Value, DaysLate = late },
            _ => new LoanDefaulted { LoanId = loan!, Amount = amount!.Value, DaysLate = late },
        };
    }

    private static PolicyClaimed? Claimed(ref Utf8JsonReader reader, RequestErrors errors)
    {
        string? policy = null;
        Money? amount = null;
        int before = errors.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("policyId"u8)) policy = JsonFields.Text(ref reader, errors, "/policyId", LongestReference);
            else if (reader.ValueTextEquals("amount"u8)) amount = MoneyField.Read(ref reader, errors, "/amount");
            else JsonFields.Skip(ref reader);
        }

        if (policy is null) errors.Require("/policyId");
        if (amount is null) errors.Require("/amount");
        return errors.Count != before ? null : new PolicyClaimed { PolicyId = policy!, Amount = amount!.Value };
    }
}
