import PrimitiveKit
import RunbookLint
import Testing

struct WholeRunbookTests {
  private static let text = #"""
    #!/usr/bin/env opsh
    --- Rolls hosts to an image, one after the other.

    local query, changed = fleet.query, 0

    local function version_of(host)
      local answer = query<on=host, cmd={ "bot", "--version" }>
      return answer[1] and answer[1].output or "none"
    end

    local steps = {}

    function steps.restart(job, params, host)
      job:step("stop " .. host, function(inner)
        inner:note("was " .. version_of(host))
        fleet.exec<on=host, cmd={ "systemctl", "--user", "stop", params.unit }, timeout=params.settle>
      end, { undo = function(_, was) fleet.exec(host, { "bot", "use", was }) end, retry = 2 })
      job:wait("a healthy " .. host, params.settle, function() return version_of(host) ~= "none" end, { settle = 5 })
      changed = changed + 1
    end

    local book <const> = {
      version = "2.1.0",
      summary = "Rolls hosts to an image",
      owner = "ops",
      updated = "2026-10-01",
      review_after = 180,
      effects = { "changes" },
      lock = { scope = "environment/{environment}" },
      confirm = { type = "count", value = function(plan) return #plan.check.hosts end },
      params = {
        { "target", type = "hosts", help = "Which hosts" },
        { "environment", default = "demo" },
        { "unit", default = "bot" },
        { "settle", type = "duration", default = "35s" },
      },
    }

    function book.check(job, params)
      local hosts = fleet.hosts()
      job:ensure(#hosts > 0, "nothing matches %s", params.target)
      return { hosts = hosts }
    end

    function book.run(job, params)
      local quiet <close> = job:hold("silence", fleet.exec, fleet.exec, params.target, { "true" })
      job:each(set(params.target), { name = "roll", window = 2, budget = "10%" }, function(host)
        steps.restart(job, params, host)
      end)
      for wave = 1, 3 do
        job:step(("wave %d"):format(wave), function() return wave end)
      end
      job:note(("%d hosts, %s"):format(changed, tostring(quiet)))
    end

    function book.verify(_, params)
      return query<on=params.target, cmd="uptime">
    end

    return book
    """#

  @Test func `a runbook as people write it is clean`() async throws {
    #expect(try await Lint.findings(Self.text).map(\.text) == [])
  }

  @Test func `whatever is cut out of it, lint goes on and its places exist`() async throws {
    let lines = Self.text.utf8.count { $0 == UInt8(ascii: "\n") } + 1
    var random = SplitMix64(seed: 11)
    var files: [String: String] = [:]
    for number in 0..<200 {
      var characters = Array(Self.text)
      let start = random.next(through: characters.count - 1)
      characters.removeSubrange(start..<min(characters.count, start + 1 + random.next(through: 12)))
      files["f/\(number).lua"] = String(characters)
    }
    let report = try await Lint(files).run(["f"])
    #expect(report.files == 200)
    #expect(report.findings.count > 100)
    #expect(report.findings.allSatisfy { (1...lines).contains($0.place.line) && (1...200).contains($0.place.column) })
  }
}
