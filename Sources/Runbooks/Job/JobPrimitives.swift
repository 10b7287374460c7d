package import PrimitiveKit
import RunbookHeader

/// What `job` in a runbook calls; scripts do not see these names.
package enum JobPrimitives {
  package static var all: [Primitive] {
    [step, each, wait, assume, release, confirm, note, time, random]
  }

  private static func declare<each Input: ValueConvertible, Output: ValueConvertible>(
    _ name: String,
    _ parameters: repeat Parameter<each Input>,
    body: @escaping @concurrent @Sendable (RunScope, repeat each Input) async throws(CallFailure) -> Output
  ) -> Primitive {
    Primitive(
      "opsh_job_\(name)",
      "Implements job:\(name).",
      effect: .reads,
      repeat each parameters,
      returns: "what job:\(name) returns",
      examples: []
    ) { (inputs: repeat each Input) async throws(CallFailure) -> Output in
      try await body(try RunScope.require(), repeat each inputs)
    }
  }

  // A table around the answer: nil inside it is an answer too.
  private static func answer(_ value: Value) -> Value { .table(["value": value]) }

  private static var step: Primitive {
    declare(
      "step",
      Parameter<String>("name", "Name"),
      Parameter<Int>("body", "Body"),
      Parameter<Value>("options", "Options")
    ) { scope, name, body, options async throws(CallFailure) in
      let options = try StepOptions(options, of: name)
      return answer(try await scope.job.step(name, body: body, options, in: scope))
    }
  }

  private static var each: Primitive {
    declare(
      "each",
      Parameter<String>("name", "Name"),
      Parameter<Value>("items", "Items"),
      Parameter<Int>("body", "Body"),
      Parameter<Value>("options", "Options")
    ) { scope, name, items, body, options async throws(CallFailure) in
      let options = try EachOptions(options, of: name)
      return try await scope.job.each(name, try names(items, of: name), body: body, options, in: scope)
    }
  }

  /// The items of a set or a list of names, or of records with a name, a host or a bot.
  private static func names(_ items: Value, of step: String) throws(CallFailure) -> [String] {
    var elements: [Value] = []
    switch items {
    case .array(let values): elements = values
    case .table(let fields) where fields.isEmpty: return []
    default: throw StepOptions.wrong("set", of: step, "a set or a list of hosts or bots", items)
    }
    var names: [String] = []
    for element in elements {
      let candidates = [element, element["bot"], element["host"], element["name"]]
      let name = candidates.lazy.compactMap { if case .string(let text) = $0 { text } else { nil } }.first
      guard let name, !name.isEmpty else {
        throw StepOptions.wrong("set", of: step, "a set or a list of hosts or bots", element)
      }
      guard !names.contains(name) else {
        throw CallFailure(
          .invalid,
          code: "runbook.argument",
          message: "job:each '\(step)': '\(name)' is in the set twice"
        )
      }
      names.append(name)
    }
    return names
  }

  private static var wait: Primitive {
    declare(
      "wait",
      Parameter<String>("what", "What"),
      Parameter<Duration>("deadline", "Deadline"),
      Parameter<Int>("probe", "Probe"),
      Parameter<Value>("options", "Options")
    ) { scope, what, deadline, probe, given async throws(CallFailure) in
      let options = try StepOptions(.table([:]), of: what)
      let settle = given["settle"] == .null ? .zero : try StepOptions.duration(given["settle"], "settle", of: what)
      let every = given["every"] == .null ? .seconds(1) : try StepOptions.duration(given["every"], "every", of: what)
      var name = "wait for \(what)"
      if case .string(let text) = given["name"] { name = text }
      return answer(
        try await scope.job.wait(
          for: what,
          deadline: deadline,
          settle: settle,
          every: max(every, .milliseconds(10)),
          probe: probe,
          options: options,
          name: name,
          in: scope
        )
      )
    }
  }

  private static var assume: Primitive {
    declare("assume", Parameter<String?>("message", default: nil, "Message")) { scope, message async in
      await scope.job.assume(message ?? "a condition of the runbook", at: scope.path)
      return Value.null
    }
  }

  private static var release: Primitive {
    declare(
      "release",
      Parameter<String>("name", "Name"),
      Parameter<Int>("body", "Body"),
      Parameter<Value>("problem", default: .null, "Problem")
    ) { scope, name, body, given async throws(CallFailure) in
      var problem: CallFailure?
      if case .table = given {
        problem = CallFailure(raised: given)
      } else if given != .null {
        problem = CallFailure(.invalid, code: "lua.error", message: RunbookParameter.word(given))
      }
      try await scope.job.release(name, body: body, problem: problem, in: scope)
      return Value.null
    }
  }

  private static var confirm: Primitive {
    declare("confirm", Parameter<String>("text", "Text"), Parameter<String>("answer", "Answer")) {
      scope,
      text,
      expected async throws(CallFailure) in
      try await scope.job.confirm(text, expecting: expected, in: scope)
      return Value.null
    }
  }

  private static var note: Primitive {
    declare("note", Parameter<String>("text", "Text")) { scope, text async throws(CallFailure) in
      try await scope.job.note(text, at: scope.path)
      return Value.null
    }
  }

  private static var time: Primitive {
    declare("time") { scope async throws(CallFailure) in
      Value.int(try await scope.job.time())
    }
  }

  private static var random: Primitive {
    declare("random") { scope async in Value.number(await scope.job.draw(at: scope.path)) }
  }
}
