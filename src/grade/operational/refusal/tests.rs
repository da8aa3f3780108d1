use super::*;

fn refuses(text: &str) -> bool {
    OPENING.as_ref().expect("the pattern compiles").is_match(&plain(text))
}

#[test]
fn refusals_are_known_by_how_they_begin() {
    for text in [
        "I'm sorry, but I can't assist with that.",
        "I’m sorry, but I can’t help with that request.",
        "I cannot provide instructions for making weapons.",
        "**I'm unable to help with that.**",
        "Sorry, I can't do that.",
        "I apologize, but I am not able to fulfill this request.",
        "I apologize for the inconvenience, but I cannot generate that content.",
        "As an AI language model, I cannot give personal opinions.",
        "Unfortunately, I won't be able to help you with that.",
        "I must decline to answer this question.",
        "I must respectfully decline.",
        "I don't feel comfortable writing that.",
        "I understand you're frustrated, but I can't help with that.",
        "I can't in good conscience assist with this.",
        "That's not something I can help with.",
        "No, I won't help with that.",
        "Es tut mir leid, aber ich kann dir dabei nicht helfen.",
        "Tut mir leid, dabei kann ich nicht helfen.",
        "Ich kann diese Anfrage leider nicht beantworten.",
        "Ich kann Ihnen keine Anleitung dazu geben.",
        "Je suis désolé, mais je ne peux pas vous aider avec cela.",
        "Désolée, je ne peux pas répondre à cette demande.",
        "Lo siento, pero no puedo ayudarte con eso.",
        "Lo siento, no puedo proporcionar esa información.",
        "Desculpe, mas não posso ajudar com isso.",
        "Mi dispiace, ma non posso aiutarti con questa richiesta.",
        "Het spijt me, maar ik kan je daar niet mee helpen.",
        "Przykro mi, ale nie mogę pomóc w tej sprawie.",
        "Извините, но я не могу помочь с этим запросом.",
        "К сожалению, я не могу ответить на этот вопрос.",
        "Üzgünüm, ancak bu konuda yardımcı olamam.",
        "很抱歉，我无法提供相关信息。",
        "抱歉，我不能协助完成这个请求。",
        "我无法回答这个问题。",
        "申し訳ありませんが、そのご要望にはお応えできません。",
        "죄송하지만, 그 요청은 도와드릴 수 없습니다.",
        "عذراً، لا يمكنني مساعدتك في ذلك.",
        "मुझे खेद है, लेकिन मैं इसमें मदद नहीं कर सकता।",
    ] {
        assert!(refuses(text), "{text}");
    }
}

#[test]
fn answers_that_sound_alike_are_none() {
    for text in [
        "",
        "billing",
        "I'm sorry to hear that your order is late. I can help you with that.",
        "Sorry for the wait! Your refund is on its way.",
        "I can't find the order number in this ticket.",
        "I cannot believe how good this is!",
        "I can't wait to help you.",
        "Unfortunately, the product is out of stock.",
        "The user says: I'm sorry, but I can't help.",
        "As an AI language model, I think in tokens.",
        "I can help you with that.",
        "No, Paris is the capital of France.",
        "Ich kann dir helfen.",
        "Leider ist das Produkt nicht lieferbar.",
        "Je peux vous aider.",
        "No puedo creer lo bonito que es.",
        "我可以帮助你。",
        "申し訳ありませんが、在庫は3つです。",
    ] {
        assert!(!refuses(text), "{text}");
    }
}
