package import PrimitiveKit

/// Puts a label on a shelf, which is a row of a database as far as anybody else can tell.
package struct LabelShelf: Operation {
  package static let kind = "shelf.label"

  package let shelf: String
  package let file: String
  package let text: String

  package init(shelf: String, file: String, text: String) {
    self.shelf = shelf
    self.file = file
    self.text = text
  }

  package var target: OperationTarget { .database("books", part: shelf) }
  package var effect: Effect { .changes }
  package var stake: Stake? { Stake(1, "rows") }
  package var summary: String { "label \(shelf) '\(text)'" }

  package func predict(in world: World) async throws(CallFailure) -> Prediction<String> {
    // Also a look at what is there now, as a dry run may have it.
    _ = try await world.service(Cabinets.self).label(in: file)
    return .exact(text)
  }

  package func perform(in world: World) async throws(CallFailure) -> String {
    try await world.service(Cabinets.self).put(Label(text: text), in: file)
    return text
  }

  package func probe(in world: World) async throws(CallFailure) -> Probe<String> {
    try await world.service(Cabinets.self).label(in: file).text == text ? .done(text) : .notDone
  }

  package func inverse(of outcome: String) -> (any Operation)? { nil }
}

extension HookPoint {
  /// Whoever wants to know that a shelf has a label.
  static let labelled = HookPoint("labelled", "Asked once a shelf has a label", effect: .reads)
}

enum ShelfPrimitives {
  static func label(_ surroundings: Surroundings) -> Primitive {
    Primitive(
      "shelf.label",
      "Puts a label on a shelf.",
      effect: .changes,
      Parameter<String>("shelf", "Which shelf", completion: .named("shelves")),
      Parameter<String>("text", "What is on the label"),
      returns: "The label",
      examples: []
    ) { shelf, text async throws(CallFailure) -> String? in
      guard let found = surroundings.sections[ShelfSettings.self].shelves[shelf] else {
        throw CallFailure(.invalid, code: "shelf.unknown", message: "there is no shelf '\(shelf)'")
      }
      let change = LabelShelf(shelf: shelf, file: found.file, text: text)
      let request = RunRequest(
        name: "shelf.label",
        arguments: .table(["shelf": shelf.value, "text": text.value]),
        scopes: [LockScope(path: ["database", "books"]), LockScope(path: ["shelf", shelf])],
        hosts: []
      )
      let label = try await surroundings.admission.run(PlannedChange(request), dry: false) { run throws(CallFailure) in
        try await run.perform(change)
      }
      for answer in await surroundings.hooks.ask(.labelled, .string(shelf)) {
        if case .success(.string(let said)) = answer.result { surroundings.dialogue.say(said) }
      }
      return label
    }
  }
}
