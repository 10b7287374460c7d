import Foundation
package import PrimitiveKit
import RunbookHeader

extension RunbookCatalog {
  /// The runbooks of the folders and what each takes, for completion; those that cannot be loaded are left out.
  package func offers() async -> [PrimitiveInfo] {
    var offers: [PrimitiveInfo] = []
    for folder in folders {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for file in files.sorted() where file.hasSuffix(".lua") {
        guard let (source, path) = try? find("\(folder)/\(file)"), RunbookFile.isRunbook(source),
          let book = try? await RunbookFile.load(source, path: path, engine: lua)
        else { continue }
        let parameters = book.header.params.map(ParameterInfo.init)
        offers.append(PrimitiveInfo(name: book.name, summary: book.header.summary ?? "", parameters: parameters))
      }
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
