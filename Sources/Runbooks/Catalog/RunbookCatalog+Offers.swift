package import PrimitiveKit
import RunbookHeader

extension RunbookCatalog {
  /// The runbooks of the folders and of plugins, and what each takes, for completion; those that cannot be loaded are left out.
  package func offers() async -> [PrimitiveInfo] {
    var offers: [PrimitiveInfo] = []
    for file in files {
      guard let (source, path) = try? find(file), RunbookFile.isRunbook(source),
        let book = try? await read(source, path: path)
      else { continue }
      let parameters = book.header.params.map(ParameterInfo.init)
      offers.append(PrimitiveInfo(name: book.name, summary: book.header.summary ?? "", parameters: parameters))
    }
    return offers
  }
}

extension ParameterInfo {
  /// A parameter of a runbook as one of a call.
  fileprivate init(_ parameter: RunbookParameter) {
    let words = parameter.choices.map(RunbookParameter.word)
    self.init(
      name: parameter.name,
      type: parameter.type.kind == .boolean && !parameter.type.isList ? "boolean" : parameter.type.description,
      help: parameter.help ?? "",
      isRequired: parameter.isRequired,
      defaultValue: parameter.fallback.map(parameter.shown),
      completion: words.isEmpty ? parameter.completion : .choices(words)
    )
  }
}
