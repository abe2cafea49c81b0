import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['dist', 'src/api/schema.d.ts'] },
  ...ts.configs.strict,
  ...vue.configs['flat/recommended'],
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: ts.parser } } },
  {
    rules: {
      // Layout is nobody's business but the reader's.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-self-closing': ['warn', { html: { void: 'always' } }],
      'vue/require-default-prop': 'off', // optional props say so in their type
      'vue/multi-word-component-names': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off', // noUncheckedIndexedAccess asks where it matters
      'max-lines': ['error', { max: 150, skipBlankLines: false }],
    },
  },
  { files: ['src/i18n/*.ts', 'mock/*', '**/*.spec.ts', 'src/components/*.vue', 'src/pages/*.vue'], rules: { 'max-lines': 'off' } },
  { files: ['src/**/*.vue'], rules: { 'max-lines': ['error', 150] } },
)
