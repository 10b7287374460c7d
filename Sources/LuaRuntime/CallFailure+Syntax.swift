package import PrimitiveKit

extension CallFailure {
  /// A mistake of syntax in a file with a hint where to look for it; every other failure as it is.
  package var hintingAtSyntax: CallFailure {
    guard mark == .syntax, hint == nil else { return self }
    var failure = self
    failure.hint =
      message.hasSuffix("near <eof>")
      ? "the text ends too early: a block lacks its `end`, or a table or call its bracket"
      : "look at the line before, too: a missing comma, quote or `end` shows only at the next word"
    return failure
  }
}
