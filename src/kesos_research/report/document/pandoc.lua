-- Before citations are made: references to tables, figures, equations and sections leave the citations,
-- and every formula is given its typst and MathML form, so that one call of pandoc does everything.

local function is_reference(id)
  return id:match '^tbl%-' or id:match '^fig%-' or id:match '^eq%-' or id:match '^sec%-'
end

local function reference(cite)
  local references, works = 0, 0
  for _, c in ipairs(cite.citations) do
    if is_reference(c.id) then references = references + 1 else works = works + 1 end
  end
  if references == 0 then return nil end
  if works > 0 then return pandoc.Span({}, { class = 'mixed', key = cite.citations[1].id }) end
  local parts = pandoc.List()
  for _, c in ipairs(cite.citations) do
    local part = pandoc.List(c.prefix)
    if #c.prefix > 0 then part:insert(pandoc.Space()) end
    part:insert(pandoc.Span({}, { class = 'ref', target = c.id, mode = c.mode }))
    part:extend(c.suffix)
    parts:insert(pandoc.Span(part))
  end
  return pandoc.Span(parts, { class = 'refs' })
end

-- All formulas are written at once and cut at the rules between them: a call of pandoc.write each is slow.
local function written(formulas, format, rule, options)
  local blocks = pandoc.List()
  for _, formula in ipairs(formulas) do
    blocks:insert(pandoc.Plain { formula })
    blocks:insert(pandoc.HorizontalRule())
  end
  local text = pandoc.write(pandoc.Pandoc(blocks), format, options)
  local parts, from = pandoc.List(), 1
  for _ = 1, #formulas do
    local first, last = text:find(rule, from, true)
    parts:insert(text:sub(from, first - 1))
    from = last + 1
  end
  return parts
end

function Pandoc(document)
  local formulas, seen = pandoc.List(), {}
  document:walk {
    Math = function(formula)
      local key = formula.mathtype .. formula.text
      if not seen[key] then
        formulas:insert(formula)
        seen[key] = #formulas
      end
    end,
  }
  local typst = written(formulas, 'typst', '#horizontalrule', { wrap_text = 'none' })
  local mathml = written(formulas, 'html', '<hr />', { html_math_method = 'mathml', wrap_text = 'none' })
  return document:walk {
    Cite = reference,
    Math = function(formula)
      local place = seen[formula.mathtype .. formula.text]
      return pandoc.Span({ formula }, { class = 'formula', typst = typst[place], mathml = mathml[place] })
    end,
  }
end
