import PrimitiveKit

/// One `testcase`.
struct JUnitCase {
  /// Why it is not in order.
  struct Problem {
    let message: String
    /// The stable code.
    let type: String
    let text: String
  }

  enum Verdict {
    case ok
    case skipped(String)
    case failure(Problem)
    /// The runbook could not be judged: wrong arguments, invalid data, a defect.
    case error(Problem)

    var isFailure: Bool { if case .failure = self { true } else { false } }
    var isError: Bool { if case .error = self { true } else { false } }
    var isSkipped: Bool { if case .skipped = self { true } else { false } }
  }

  let name: String
  let seconds: Double
  let verdict: Verdict

  init(_ name: String, seconds: Double, _ verdict: Verdict) {
    self.name = name
    self.seconds = seconds
    self.verdict = verdict
  }

  /// A check or a step.
  init(_ item: ReportCase) {
    let detail = item.detail ?? ""
    let verdict: Verdict =
      switch item.state {
      case .ok: .ok
      case .skipped: .skipped(detail)
      case .failed, .unknown:
        .failure(
          item.failure.map { Problem($0, detail: detail) }
            ?? Problem(
              message: "\(item.name): \(item.state.rawValue)",
              type: "step.\(item.state.rawValue)",
              text: detail
            )
        )
      }
    self.init(item.name, seconds: item.seconds, verdict)
  }

  func element(of suite: String) -> XMLElement {
    var element = XMLElement(name: "testcase")
    element.attributes = [("classname", suite), ("name", name), ("time", JUnitReport.time(seconds))]
    switch verdict {
    case .ok: break
    case .skipped(let why): element.children = [XMLElement(name: "skipped", attributes: [("message", why)])]
    case .failure(let problem): element.children = [problem.element("failure")]
    case .error(let problem): element.children = [problem.element("error")]
    }
    return element
  }
}

extension JUnitCase.Problem {
  init(_ failure: CallFailure, detail: String = "") {
    message = failure.message
    type = failure.code
    let hint = failure.hint.map { "hint: \($0)" }
    text = ([detail, failure.message] + [hint].compactMap(\.self) + failure.trace.map { "at \($0)" })
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  fileprivate func element(_ name: String) -> XMLElement {
    XMLElement(name: name, attributes: [("message", message), ("type", type)], text: text)
  }
}
