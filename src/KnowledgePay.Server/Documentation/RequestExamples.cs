using System.Text.Json.Nodes;

namespace KnowledgePay.Server.Documentation;

/// <summary>A body that works, for each operation that takes JSON; <c>/docs</c> puts it into the form.</summary>
internal static class RequestExamples
{
    public static JsonNode? Of(string operationId)
    {
        string? json = operationId switch
        {
            "putCourse" => """{"title":"Rust from zero","category":"programming","tags":["rust"],"language":"en","listPrice":{"currency":"CNY","minorUnits":19900},"floorPrice":{"currency":"CNY","minorUnits":9900},"durationMinutes":600}""",
            "putCourses" => """[{"id":"rust-101","title":"Rust from zero","category":"programming","listPrice":{"currency":"CNY","minorUnits":19900}}]""",
            "putPartner" => """{"name":"Harbour Finance","contact":"desk@harbour.example"}""",
            "putProduct" => """{"kind":"membership","name":"Study pass","terms":{"months":12},"eligibility":{},"channels":["course-page"],"budget":{"currency":"CNY","minorUnits":5000000}}""",
            "putRankingRule" => """{"name":"Autumn of Rust","effect":"boost","weight":0.3,"label":"editors-choice","courses":{"courseTags":["rust"]},"when":{"surfaces":["home"]}}""",
            "putConsent" => """{"personalisation":true,"personalPricing":true,"creditChecks":true,"partnerSharing":true,"marketing":{"email":true,"sms":false,"social":false}}""",
            "quotePrice" => """{"userId":"alice","courseId":"rust-101"}""",
            "decideCredit" => """{"userId":"alice","amount":{"currency":"CNY","minorUnits":60000},"termMonths":6}""",
            "chooseOffers" => """{"userId":"alice","surface":"course-page"}""",
            "checkOut" => """{"quoteToken":"the quoteToken of a price","paymentId":"pay-1","method":"card"}""",
            "askReview" => """{"decisionId":"the decisionId of a declined credit","statement":"The missed instalment was the bank's error."}""",
            "answerReview" => """{"outcome":"approved","note":"Income statement seen.","limit":{"currency":"CNY","minorUnits":40000},"apr":0.18}""",
            "createKey" => """{"role":"platform","label":"shop"}""",
            "startTrainingRun" => """{"algorithm":"ease","promote":true}""",
            "sendEvents" => """{"courseId":"rust-101","seconds":40}""",
            _ => null,
        };
        return json is null ? null : JsonNode.Parse(json);
    }
}
