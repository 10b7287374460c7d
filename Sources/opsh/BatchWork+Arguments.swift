import Console
import PrimitiveKit
import RunbookHeader
import Runbooks

extension Invocation {
  /// Throws `usage.option` for an option of runbooks where none of the files is one.
  func requireRunbook(_ items: [WorkItem]) throws(CallFailure) {
    var scripts: [String] = []
    for item in items {
      // What cannot be read may have been meant as one, and says so in its turn.
      guard case .chunk(let chunk) = item else { return }
      scripts.append(String(chunk.name.drop { $0 == "@" }))
    }
    let given = [(Options.planOut.info, runbook.planOut), (Options.apply.info, runbook.apply)]
    guard let option = (given + [(Options.onFailure.info, runbook.onFailure)]).first(where: { $0.1 != nil })?.0,
      let script = scripts.first, !runbook.wantsHelp
    else { return }
    throw CallFailure(
      .usage,
      code: "usage.option",
      message: scripts.count == 1
        ? "--\(option.name) does nothing with \(script), which is not a runbook"
        : "--\(option.name) does nothing: none of the \(scripts.count) files is a runbook",
      hint: "a runbook returns a table with `version` and `run`; `opsh lint \(script)` shows what is wrong"
    )
  }
}

extension BatchWork {
  /// Checks before anything runs what the files of a dry run share: the arguments of the site and the words.
  ///
  /// Throws `site.invalid`, and `usage.argument` for a word that no file declares.
  func check(_ items: [WorkItem]) async throws(CallFailure) {
    guard invocation.session.isDryRun, !invocation.runbook.wantsHelp else { return }
    var books: [(source: String, path: String)] = []
    for case .runbook(let source, let path) in items { books.append((source, path)) }
    if !books.isEmpty { _ = try runbooks.catalog.siteArguments(beside: books.map(\.path)) }
    guard items.count > 1, !invocation.arguments.isEmpty else { return }
    var declared: Set<String> = []
    for (source, path) in books {
      // One that cannot be loaded says so in its turn; what it declares is unknown.
      guard let book = try? await runbooks.catalog.load(source, path: path) else { return }
      declared.formUnion(book.header.params.map(\.name))
    }
    for name in invocation.arguments.keys.sorted() where !declared.contains(name) {
      throw CallFailure(
        .usage,
        code: "usage.argument",
        message: "none of the \(items.count) files declares a parameter '\(name)'",
        hint: NearestName.question(for: name, in: declared)
          ?? (declared.isEmpty ? "run them one by one" : "they declare \(declared.sorted().joined(separator: ", "))")
      )
    }
  }

  /// The arguments of one runbook: the words, of several files those that it declares, and in a dry run the site's.
  func arguments(of book: RunbookFile) throws(CallFailure) -> RunbookArguments {
    var given = invocation.arguments
    if case .files(let files) = invocation.action, files.count > 1 {
      let names = book.header.params.map(\.name)
      given = given.filter { names.contains($0.key) }
    }
    // The reason of the command line is the runbook's, where it wants one.
    if let reason = invocation.session.reason {
      for parameter in book.header.params where parameter.type == ParameterType(.reason) && given[parameter.name] == nil
      {
        given[parameter.name] = reason
      }
    }
    let words = given.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let site = invocation.session.isDryRun ? try runbooks.catalog.siteArguments(beside: [book.path]) : nil
    return try RunbookParameters(book.header, path: book.path).bind(words: words, site: site)
  }
}
