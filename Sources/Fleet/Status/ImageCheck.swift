import PrimitiveKit
import Site

extension Check {
  /// Which hosts run something else than what the site says is to run.
  static let images = Check(
    CheckDeclaration(
      "bot.image",
      "Bots of each host that run another image than the site's default_image",
      unit: "bots",
      ok: [.equals(0)],
      bad: [.from(1)]
    ),
    isOptional: true
  ) { call throws(CallFailure) in
    let fleet = try Fleet(call.surroundings)
    let site = try fleet.requireSite(for: "bot.image")
    guard let name = site.fleet.defaultImage, let image = site.fleet.images[name] else {
      return [Measured(nil, note: "the site names no default_image")]
    }
    let survey = await fleet.survey(try fleet.selectShares("*", in: site))
    return survey.hosts.map { $0.drift(from: image) }
  }
}

extension HostSurvey {
  /// How many of the running bots run another image; bots that are down run none, and are the business of other checks.
  func drift(from image: Image) -> Measured {
    if problem != nil { return Measured(nil, subject: host.name, note: reason) }
    let running = bots.filter(\.isRunning)
    guard !running.isEmpty else { return Measured(nil, subject: host.name, note: "no bot is running there") }
    let others = running.filter { $0.digest != image.reference.digest }
    let evidence = Dictionary(
      others.map { ($0.bot, Value.string($0.image.isEmpty ? $0.digest : $0.image)) },
      uniquingKeysWith: { first, _ in first }
    )
    return Measured(
      Double(others.count),
      evidence: .table(["wanted": .string(image.name), "running": .int(running.count), "others": .table(evidence)]),
      subject: host.name
    )
  }
}
