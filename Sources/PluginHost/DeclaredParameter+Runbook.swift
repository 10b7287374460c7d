import PrimitiveKit
import RunbookHeader

extension DeclaredParameter {
  /// A parameter as runbooks declare theirs.
  init(_ parameter: RunbookParameter) {
    let words = parameter.choices.map(RunbookParameter.word)
    let type = parameter.type.kind.rawValue
    self.init(
      ParameterInfo(
        name: parameter.name,
        type: parameter.type.isList ? "\(type)[]" : type,
        help: parameter.help ?? "",
        isRequired: parameter.isRequired,
        defaultValue: parameter.fallback?.literal,
        completion: words.isEmpty ? parameter.completion : .choices(words)
      ),
      fallback: parameter.fallback
    ) { value throws(ConversionError) in try parameter.bound(value) }
  }
}
