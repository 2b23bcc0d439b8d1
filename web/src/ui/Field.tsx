import {
  useId,
  useState,
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
} from "react";
import { Eye, EyeOff } from "lucide-react";
import { classes } from "./classes";
import css from "./Field.module.css";

type Described = { label: string; hint?: ReactNode; error?: string | null };

function described_by(id: string, { hint, error }: Described): string | undefined {
  const ids = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean);
  return ids.length > 0 ? ids.join(" ") : undefined;
}

function Notes({ id, hint, error }: { id: string; hint?: ReactNode; error?: string | null }) {
  return (
    <>
      {hint && (
        <p id={`${id}-hint`} className={css.hint}>
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className={css.error}>
          {error}
        </p>
      )}
    </>
  );
}

type TextFieldProps = Described &
  InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> };

/** A labelled line of text. What is wrong with it is said beside it and to screen readers. */
export function TextField({ label, hint, error, className, ...rest }: TextFieldProps) {
  const id = useId();
  return (
    <div className={classes(css.field, className)}>
      <label htmlFor={id} className={css.label}>
        {label}
      </label>
      <input
        {...rest}
        id={id}
        className={css.input}
        aria-invalid={error ? true : undefined}
        aria-describedby={described_by(id, { label, hint, error })}
      />
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

/** With a button that shows what was typed. */
export function PasswordField({
  label,
  hint,
  error,
  showLabel,
  hideLabel,
  ...rest
}: TextFieldProps & { showLabel: string; hideLabel: string }) {
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <div className={css.field}>
      <label htmlFor={id} className={css.label}>
        {label}
      </label>
      <div className={css.withButton}>
        <input
          {...rest}
          id={id}
          type={shown ? "text" : "password"}
          className={css.input}
          spellCheck={false}
          autoCapitalize="none"
          aria-invalid={error ? true : undefined}
          aria-describedby={described_by(id, { label, hint, error })}
        />
        <button
          type="button"
          className={css.inputButton}
          aria-label={shown ? hideLabel : showLabel}
          onClick={() => setShown(!shown)}
        >
          {shown ? <EyeOff size={16} /> : <Eye size={16} />}
        </button>
      </div>
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

type TextAreaFieldProps = Described & TextareaHTMLAttributes<HTMLTextAreaElement>;

export function TextAreaField({ label, hint, error, ...rest }: TextAreaFieldProps) {
  const id = useId();
  return (
    <div className={css.field}>
      <label htmlFor={id} className={css.label}>
        {label}
      </label>
      <textarea
        {...rest}
        id={id}
        className={classes(css.input, css.area)}
        aria-invalid={error ? true : undefined}
        aria-describedby={described_by(id, { label, hint, error })}
      />
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

type SelectFieldProps = Described & SelectHTMLAttributes<HTMLSelectElement> & { inline?: boolean };

export function SelectField({ label, hint, error, inline, children, ...rest }: SelectFieldProps) {
  const id = useId();
  return (
    <div className={classes(css.field, inline && css.inline)}>
      <label htmlFor={id} className={css.label}>
        {label}
      </label>
      <select
        {...rest}
        id={id}
        className={classes(css.input, css.select)}
        aria-describedby={described_by(id, { label, hint, error })}
      >
        {children}
      </select>
      <Notes id={id} hint={hint} error={error} />
    </div>
  );
}

/** A checkbox that looks like a switch, for what takes effect at once. */
export function Switch({
  label,
  hint,
  checked,
  disabled,
  onChange,
}: {
  label: string;
  hint?: string;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}) {
  const id = useId();
  return (
    <div className={css.switchRow}>
      <div>
        <label htmlFor={id} className={css.switchLabel}>
          {label}
        </label>
        {hint && (
          <p id={`${id}-hint`} className={css.hint}>
            {hint}
          </p>
        )}
      </div>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        className={css.switch}
        checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </div>
  );
}

export type Choice<T extends string> = {
  value: T;
  label: string;
  hint?: string;
  icon?: ReactNode;
  disabled?: boolean;
};

/** A group of radio buttons as cards (`cards`) or as the parts of one bar. */
export function ChoiceGroup<T extends string>({
  label,
  choices,
  value,
  onChange,
  cards,
  hideLabel,
}: {
  label: string;
  choices: Choice<T>[];
  value: T;
  onChange: (value: T) => void;
  cards?: boolean;
  hideLabel?: boolean;
}) {
  const name = useId();
  return (
    <fieldset className={css.group}>
      <legend className={hideLabel ? "visually-hidden" : css.label}>{label}</legend>
      <div className={cards ? css.cards : css.segments}>
        {choices.map((choice) => (
          <label key={choice.value} className={cards ? css.card : css.segment}>
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={value === choice.value}
              disabled={choice.disabled}
              aria-describedby={choice.hint ? `${name}-${choice.value}` : undefined}
              onChange={() => onChange(choice.value)}
            />
            {choice.icon}
            <span className={css.choiceText}>
              <span className={css.choiceName}>{choice.label}</span>
              {choice.hint && (
                <span id={`${name}-${choice.value}`} aria-hidden="true" className={css.hint}>
                  {choice.hint}
                </span>
              )}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
