/// A field that a domain adds to the records of another, by bot or host.
package struct RecordColumn: Sendable {
  /// The primitive that answers the records, for example `fleet.status`.
  package let primitive: String
  package let field: FieldInfo
  /// Answers the field of each subject, in their order; null where there is nothing to say.
  package let values: @Sendable ([RecordSubject], Surroundings) async -> [Value]

  /// `values` may look further than a record does, so it is asked once for all of them; nil is null.
  package init<Content: ValueConvertible>(
    of primitive: String,
    _ name: String,
    _ help: String,
    values: @escaping @Sendable ([RecordSubject], Surroundings) async -> [Content?]
  ) {
    self.primitive = primitive
    field = FieldInfo(name, Content.luaType, help)
    self.values = { subjects, surroundings in await values(subjects, surroundings).map(\.value) }
  }
}

/// What a record is about.
package struct RecordSubject: Sendable, Hashable {
  /// Empty for a record about a host.
  package let bot: String
  package let host: String

  package init(bot: String, host: String) {
    self.bot = bot
    self.host = host
  }

  fileprivate init(_ record: Value) {
    func text(_ key: String) -> String { if case .string(let text) = record[key] { text } else { "" } }
    self.init(bot: text("bot"), host: text("host"))
  }
}

extension Primitive {
  /// The primitive with the fields that other domains add to its records.
  func adding(_ columns: [RecordColumn], in surroundings: Surroundings) -> Primitive {
    let wanted = columns.filter { $0.primitive == info.name }
    guard !wanted.isEmpty else { return self }
    return answering(with: wanted.map(\.field)) { @concurrent answer in
      let records: [Value]
      if case .array(let elements) = answer { records = elements } else { records = [answer] }
      var tables: [[String: Value]] = []
      for element in records {
        // A value that a plan cannot know has no fields to add to.
        guard case .table(let fields) = element else { return answer }
        tables.append(fields)
      }
      let subjects = records.map(RecordSubject.init)
      for column in wanted {
        let values = await column.values(subjects, surroundings)
        for (number, value) in zip(tables.indices, values) { tables[number][column.field.name] = value }
      }
      if case .array = answer { return .array(tables.map(Value.table)) }
      return tables.first.map(Value.table) ?? answer
    }
  }
}
