/// What the author of a check writes and answers.
package enum CheckShapes {
  package static let all = [declaration, thresholds, measured]

  /// A check as the manifest of a plugin declares it.
  package static let declaration = LuaShape(
    "opsh.CheckDeclaration",
    "A check that a plugin provides, in its manifest",
    fields: [
      FieldInfo("name", "string", "Its name after the plugin's or the system's"),
      FieldInfo("summary", "string", "What it measures, in one sentence"),
      FieldInfo("unit", "string?", "Unit of its numbers, for example `USDC`"),
      FieldInfo("ok", "opsh.Thresholds", "It is OK when all of these are met"),
      FieldInfo("bad", "opsh.Thresholds?", "It is BAD when one of these is met; anything else is WARN"),
      FieldInfo("age", "duration?", "A value that is older is UNKNOWN"),
      FieldInfo("every", "duration?", "How often `opsh watch` measures it; 1 min"),
      FieldInfo("deadline", "duration?", "How long measuring may take; 30 s"),
      FieldInfo("growth", "duration?", "Judge how much the value grows in this time"),
      FieldInfo("owner", "string?", "Who is responsible"),
      FieldInfo("refs", "string[]?", "Pages that explain more"),
    ]
  )

  /// Bounds of numbers.
  package static let thresholds = LuaShape(
    "opsh.Thresholds",
    "Bounds of a number; a length of time may be a text such as `\"2m\"`",
    fields: [
      FieldInfo("above", "duration?", "More than this"), FieldInfo("from", "duration?", "This or more"),
      FieldInfo("below", "duration?", "Less than this"), FieldInfo("to", "duration?", "This or less"),
      FieldInfo("equals", "duration?", "Exactly this"),
      FieldInfo("between", "duration[]?", "Two numbers, the lower first; both are within"),
    ]
  )

  /// What the function of a check answers.
  package static let measured = LuaShape(
    "opsh.Measured",
    "What the function of a check answers, or a list of them; without a value it is UNKNOWN",
    fields: [
      FieldInfo("value", "number?", "What was measured"),
      FieldInfo("evidence", "any?", "What it was read from"),
      FieldInfo("at", "string|number?", "When the value was true; now"),
      FieldInfo("subject", "string?", "What it is about, where there are several"),
    ]
  )
}
